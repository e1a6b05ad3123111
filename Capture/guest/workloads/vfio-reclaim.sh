# What a virtual machine monitor does when it gives devices back: store, unmap, reset.
load vfio-pci vfio_iommu_type1
take() {        # ADDRESS: to vfio-pci; sets group
    echo vfio-pci >"/sys/bus/pci/devices/$1/driver_override"
    echo "$1" >/sys/bus/pci/drivers_probe
    group=$(basename "$(readlink "/sys/bus/pci/devices/$1/iommu_group")")
}
mark 1 start
phase=2
# device, region, offset, length, width, passes
for line in "$(device 8086:10c9) 0 0x5200 1536 4 20" "$(device 1b36:0010) 0 0x1000 64 4 400" \
    "$(device 1af4:1110) 2 0 65536 8 4" "$(device 1234:1111) 0 0 262144 8 2"; do
    set -- $line
    take "$1"
    for how in unmap reset race; do
        mark $phase "$how on $1, region $2 from $3, $4 bytes, $5 at a time"
        passes=$6
        [ $how = race ] && passes=100000
        timeout 20 tool vfio "$1" "$group" "$2" "$3" "$4" "$5" $passes $how
        phase=$((phase + 1))
    done
done
mark 0 stop
