# Block I/O, then network traffic, then config reads of every function; no resets.
load nvme virtio_blk e1000e virtio_net
mark 1 start
mark 2 "block I/O"
for d in $(device 1b36:0010) $(device 1af4:1042); do
    disk=$(child block "$d")
    dd if=/dev/zero of="/dev/$disk" bs=4k count=200 oflag=direct 2>/dev/null
    dd if="/dev/$disk" of=/dev/null bs=64k count=50 iflag=direct 2>/dev/null
done
mark 3 network
n=2
for d in $(device 8086:10d3) $(device 1af4:1041); do
    i=$(child net "$d")
    ifconfig "$i" "10.0.$n.15" netmask 255.255.255.0 up
    sleep 4
    nc -w 2 "10.0.$n.100" 9000 </dev/null | dd of=/dev/null bs=1k count=500 2>/dev/null
    ping -c 5 -W 1 "10.0.$n.2" >/dev/null || echo "no answer from 10.0.$n.2"
    ifconfig "$i" down
    n=$((n + 1))
done
mark 4 "config reads"
for d in /sys/bus/pci/devices/*; do cat "$d/config" >/dev/null; done
mark 0 stop
