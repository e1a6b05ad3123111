# Block I/O under function-level and bus resets, by the kernel and by hand; rebind, remove, rescan.
load nvme
nvme=$(device 1b36:0010)
disk=$(child block "$nvme")
mark 1 start
mark 2 "I/O on $disk ($nvme), no resets"
disk_load "$disk" 4k
disk_load "$disk" 64k
sleep 4
for i in 1 2 3 4 5 6; do
    mark 3 "FLR through sysfs, $i"
    reset "$nvme" flr
    mark 4 "FLR done"
    sleep 2
done
for i in 1 2 3 4; do
    mark 5 "bus reset through sysfs, $i"
    reset "$nvme" bus
    mark 6 "bus reset done"
    sleep 2
done
mark 7 "reset by the driver, without config space"
echo 1 >/sys/class/nvme/nvme0/reset_controller
sleep 2
mark 8 "FLR by hand: the driver is not told"
flr_by_hand "$nvme"
sleep 4
mark 9 "unbind and bind"
stop_load
echo "$nvme" >/sys/bus/pci/drivers/nvme/unbind
echo "$nvme" >/sys/bus/pci/drivers/nvme/bind
disk_load "$(child block "$nvme")" 16k
sleep 2
mark 10 "remove and rescan under load"
echo 1 >"/sys/bus/pci/devices/$nvme/remove"
echo 1 >/sys/bus/pci/rescan
sleep 3
stop_load
mark 0 stop
