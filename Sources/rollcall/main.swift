import Glibc

exit(Rollcall.main())
