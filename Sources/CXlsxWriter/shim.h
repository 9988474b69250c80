/// libxlsxwriter: spreadsheets in the format of Excel.
#include <xlsxwriter.h>
