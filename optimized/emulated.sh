#!/bin/bash
# Runs a program on an emulated processor that has AVX-512, where the machine has none:
#   optimized/emulated.sh build/release/gridproof check --subject avx512 --profile P0 --max-samples 1e6
# Bochs (its Skylake-X) starts Debian's kernel with the program and its libraries as the only files;
# what the program prints is printed, and its exit code is this script's. About 100 times slower
# than a processor, and the start takes 40 s. Bochs 3.0 is built from Debian's archive (2.7, which
# Debian 12 has, rounds f32 to f16 wrongly where two numbers are equally near). Needs the packages
# bochsbios vgabios busybox-static isolinux syslinux-common xorriso cpio curl xz-utils make g++.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 PROGRAM [ARGUMENT...]" >&2; exit 2; }
for tool in busybox xorriso cpio curl xz make g++; do
  command -v $tool >/dev/null || { echo "$0: there is no $tool; the packages are named in this script" >&2; exit 2; }
done
program=$(realpath "$1"); shift
arguments=("$@")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gridproof/emulated
mkdir -p "$cache"
exec 9>"$cache/lock" && flock 9  # one at a time builds
kernel=$cache/vmlinuz
if [ ! -e "$kernel" ]; then (
  cd "$cache"
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
  apt-get download "$package"
  dpkg -x "$package"_*.deb unpacked
  mv unpacked/boot/vmlinuz-* "$kernel"
  rm -r unpacked "$package"_*.deb
) >&2; fi
bochs=$cache/bochs-3.0/bochs
if [ ! -x "$bochs" ]; then (
  cd "$cache"
  curl -sSfO http://deb.debian.org/debian/pool/main/b/bochs/bochs_3.0+dfsg.orig.tar.xz
  echo "78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b  bochs_3.0+dfsg.orig.tar.xz" | sha256sum -c
  tar xf bochs_3.0+dfsg.orig.tar.xz && cd bochs-3.0
  ./configure --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-all-optimizations \
    --enable-long-phy-address --enable-pci --enable-cdrom --with-nogui --disable-docbook \
    --disable-show-ips >/dev/null
  make -j"$(nproc)" >/dev/null 2>&1
) >&2; fi

flock -u 9

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/root/{bin,proc,sys,dev,tmp} "$work"/disc/isolinux
cp "$(command -v busybox)" "$work/root/bin/busybox"
cp "$program" "$work/root/program"
for library in $(ldd "$program" | grep -o '/[^ ]*'); do
  mkdir -p "$work/root$(dirname "$library")" && cp -L "$library" "$work/root$library"
done
# The kernel starts /init; the lines ==== tell what is the program's from what is the kernel's.
cat >"$work/root/init" <<END
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t tmpfs tmp /tmp
export HOME=/tmp PATH=/bin
cd /tmp
echo "==== begin"
/program ${arguments[*]@Q} 2>&1
echo "==== exit \$?"
/bin/busybox sleep 1 # until the serial line is empty
/bin/busybox poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$work/disc/initrd"
cp "$kernel" "$work/disc/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/disc/isolinux/"
cat >"$work/disc/isolinux/isolinux.cfg" <<END
default gridproof
label gridproof
  kernel /vmlinuz
  append initrd=/initrd console=ttyS0,115200 quiet panic=-1 mitigations=off nokaslr clearcpuid=xsaves,xsavec
END
xorriso -as mkisofs -quiet -o "$work/disc.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
  -no-emul-boot -boot-load-size 4 -boot-info-table "$work/disc" 2>/dev/null
cat >"$work/bochsrc" <<END
cpu: model=corei7_skylake_x, ips=100000000, reset_on_triple_fault=0
memory: guest=2048, host=2048
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$work/disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$work/serial
display_library: nogui
log: $work/log
panic: action=fatal
clock: sync=none
END
"$bochs" -q -f "$work/bochsrc" >"$work/out" 2>&1 </dev/null || true
touch "$work/serial"
tr -d '\r' <"$work/serial" | sed -n '/^==== begin/,/^==== exit/p' | sed '1d;$d'
code=$(tr -d '\r' <"$work/serial" | sed -n 's/^==== exit //p')
[ -n "$code" ] || { tail -n 20 "$work/out" "$work/log" "$work/serial" >&2; exit 2; }
exit "$code"
