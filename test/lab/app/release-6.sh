#!/bin/sh
# A release with a mistake in it, under the name of the program.
echo "$(date '+%Y/%m/%d %T') INFO starting"
sleep 1
echo "panic: runtime error: invalid memory address or nil pointer dereference"
echo "[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6f2c1a]"
echo "goroutine 1 [running]:"
echo "main.(*basket).total(0x0, 0xc00012e000)"
echo "	/src/basket.go:114 +0x3a"
exit 2
