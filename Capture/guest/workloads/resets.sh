# Every reset that the kernel offers for each function, with its device under load.
load nvme e1000e igb virtio_blk virtio_net
n=2
for line in "1b36:0010 block" "1af4:1042 block" "8086:10d3 net" "8086:10c9 net" "1af4:1041 net"; do
    set -- $line
    d=$(device "$1")
    c=$(child "$2" "$d")
    if [ "$2" = block ]; then
        disk_load "$c" 4k
    else
        ifconfig "$c" "10.0.$n.15" netmask 255.255.255.0 up
        net_load "10.0.$n.100"
        ping_load "10.0.$n.2"
        n=$((n + 1))
    fi
    addresses="$addresses $d"
done
sleep 5
mark 1 start
phase=2
for d in $addresses; do
    for method in $(methods "$d"); do
        mark $phase "$method of $d ($(driver "$d"))"
        reset "$d" "$method"
        sleep 2
        phase=$((phase + 1))
    done
done
mark 0 stop
stop_load
