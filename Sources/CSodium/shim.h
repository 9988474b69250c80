/// libsodium: password hashing, random bytes, SHA-256, comparisons that take the same time whatever is compared.
#include <sodium.h>
