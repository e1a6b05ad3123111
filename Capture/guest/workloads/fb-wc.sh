# A frame buffer written through the kernel's own write-combining mapping of it.
load bochs
display=$(device 1234:1111)
fb=/dev/fb$(sed -n 's/^\([0-9]*\) .*bochs.*/\1/p' /proc/fb)
mark 1 start
mark 2 "random bytes to $fb of $display"
dd if=/dev/urandom of="$fb" bs=16k count=4 2>/dev/null
mark 3 "zeros in 4 KiB pieces"
dd if=/dev/zero of="$fb" bs=4k count=120 2>/dev/null
sleep 1
mark 4 "every 37th kilobyte"
for i in $(seq 0 24); do
    dd if=/dev/zero of="$fb" bs=1k count=1 seek=$((i * 37)) conv=notrunc 2>/dev/null
done
mark 5 "text on the frame buffer's console"
for i in $(seq 60); do echo "line $i of a text that scrolls the console" >/dev/tty0; done
sleep 1
mark 6 "bus reset of the display's slot while it is drawn on"
(while :; do dd if=/dev/zero of="$fb" bs=4k count=8 2>/dev/null; done) &
drawing=$!
sleep 0.1
reset "$display" bus
kill $drawing
sleep 1
mark 7 "a pattern over the whole screen, twice"
for i in 1 2; do yes abcdefg | dd of="$fb" bs=64k count=18 iflag=fullblock 2>/dev/null; done
sleep 1
mark 0 stop
