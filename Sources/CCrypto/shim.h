/// OpenSSL's hashes. Swift on Linux brings none of its own.
#include <openssl/sha.h>
