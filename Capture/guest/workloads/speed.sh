# A fixed amount of work, timed in the guest; `capture measure` runs it with and without the plugin.
load nvme bochs
disk=$(child block "$(device 1b36:0010)")
fb=/dev/fb$(sed -n 's/^\([0-9]*\) .*bochs.*/\1/p' /proc/fb)
seconds() { cut -d' ' -f1 /proc/uptime; }
mark 1 start
t0=$(seconds)
i=0
while [ $i -lt 100000 ]; do i=$((i + 1)); done
t1=$(seconds)
dd if="/dev/$disk" of=/dev/null bs=4k count=4000 iflag=direct 2>/dev/null
t2=$(seconds)
for i in 1 2 3 4 5 6; do dd if=/dev/zero of="$fb" bs=64k count=18 2>/dev/null; done
t3=$(seconds)
mark 0 stop
echo "times $t0 $t1 $t2 $t3" | awk '{
    printf "shell %.2f s, block I/O %.2f s, frame buffer %.2f s\n", $3 - $2, $4 - $3, $5 - $4 }'
