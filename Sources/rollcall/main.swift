import Glibc
import Vision

Memory.returnLargeBlocks()
exit(Rollcall.main())
