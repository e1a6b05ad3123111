# Words that the workloads share.

# mark N TEXT...: marker N in the trace, the text in the log. 1 starts recording, 0 stops it.
mark() {
    tool mark "$1"
    echo "$(cut -d' ' -f1 /proc/uptime) mark $*"
}

# load MODULE...: and time for their devices to appear.
load() {
    for module; do modprobe "$module" || echo "no module $module"; done
    sleep 2
}

# device VENDOR:DEVICE: the address of the first such function.
device() {
    for d in /sys/bus/pci/devices/*; do
        if [ "$(cat "$d/vendor"):$(cat "$d/device")" = "0x${1%:*}:0x${1#*:}" ]; then
            basename "$d"
            return
        fi
    done
    echo "no device $1" >&2
}

# child CLASS ADDRESS: the disk (block) or interface (net) of a function; waits for it.
child() {
    for try in 1 2 3 4 5 6 7 8 9 10; do
        for c in /sys/class/"$1"/*; do
            case $(readlink -f "$c") in */"$2"/*) basename "$c"; return ;; esac
        done
        sleep 1
    done
    echo "no $1 at $2" >&2
    echo none
}

# reset ADDRESS METHOD: through sysfs, by one method.
reset() {
    echo "$2" >"/sys/bus/pci/devices/$1/reset_method" &&
        echo 1 >"/sys/bus/pci/devices/$1/reset" || echo "reset $1 $2 failed"
}

methods() { cat "/sys/bus/pci/devices/$1/reset_method" 2>/dev/null; }

driver() { basename "$(readlink "/sys/bus/pci/devices/$1/driver")"; }

# read_config ADDRESS REGISTER SIZE: decimal. write_config ADDRESS REGISTER SIZE VALUE.
read_config() {
    od -An -t "u$3" -j "$2" -N "$3" "/sys/bus/pci/devices/$1/config" | tr -d ' '
}
write_config() {
    value=$4
    bytes=
    for i in $(seq "$3"); do
        bytes="$bytes\\$(printf %03o $((value & 255)))"
        value=$((value >> 8))
    done
    printf "$bytes" | dd of="/sys/bus/pci/devices/$1/config" bs="$3" seek=$(($2 / $3)) \
        conv=notrunc 2>/dev/null
}

# flr_by_hand ADDRESS: Initiate FLR in Device Control (PCIe Base 7.5.3.4); no driver is told.
flr_by_hand() {
    capability=$(read_config "$1" 52 1)
    while [ "$capability" -ne 0 ] && [ "$(read_config "$1" "$capability" 1)" -ne 16 ]; do
        capability=$(read_config "$1" $((capability + 1)) 1)
    done
    control=$((capability + 8))
    write_config "$1" $control 2 $(($(read_config "$1" $control 2) | 0x8000))
}

# Loops in the background, until stop_load.
jobs=
disk_load() {   # DISK BLOCKSIZE
    (while :; do
        dd if="/dev/$1" of=/dev/null bs="$2" count=400 iflag=direct 2>/dev/null || sleep 0.1
        dd if=/dev/zero of="/dev/$1" bs="$2" count=200 oflag=direct 2>/dev/null || sleep 0.1
    done) &
    jobs="$jobs $!"
}
net_load() {    # ADDRESS: of a sender of zeros in QEMU's user network
    (while :; do nc -w 2 "$1" 9000 </dev/null >/dev/null 2>&1 || sleep 0.1; done) &
    jobs="$jobs $!"
}
ping_load() {   # ADDRESS
    (while :; do ping -c 50 -W 1 "$1" >/dev/null 2>&1 || sleep 0.1; done) &
    jobs="$jobs $!"
}
stop_load() {
    for job in $jobs; do kill -9 "$job" 2>/dev/null; done
    jobs=
    sleep 0.5
}

# What a reader of the trace needs to know of the guest: its windows, and its functions' headers.
describe() {
    cat /proc/iomem >/out/iomem.txt
    for d in /sys/bus/pci/devices/*; do
        echo "$(basename "$d") $(cat "$d/vendor") $(cat "$d/device") resets: $(methods "$(basename "$d")")"
        awk '$1 !~ /^0x0*$/ { print "    resource", NR - 1, $0 }' "$d/resource"
    done >/out/functions.txt
    # As lspci -xxx prints them.
    for d in /sys/bus/pci/devices/*; do
        echo "$(basename "$d") device"
        od -An -v -t x1 -N 256 "$d/config" | awk '{ printf "%02x:", 16 * (NR - 1); print " " substr($0, 2) }'
        echo
    done >/out/functions.lspci
}
