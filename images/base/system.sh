#!/bin/sh
# Makes any Debian 12 or Ubuntu 24.04 into our base. What is there already is not fetched: without a network
# the base image has to bring python3, python3-venv, ca-certificates, locales and fonts-nanum itself.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive
wanted="python3 python3-venv ca-certificates locales fonts-nanum"
missing=$(for name in $wanted; do dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$name"; done)
if [ -n "$missing" ]; then
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing >/dev/null; } || {
        echo "이 바탕 이미지에 다음이 없고, 받을 수도 없습니다. 바탕을 'bitgoeul images debootstrap'으로 만드십시오:$missing" >&2
        echo "This base image lacks, and cannot fetch, the following; make it with 'bitgoeul images debootstrap':$missing" >&2
        exit 1
    }
fi
if ls /opt/build/*.crt >/dev/null 2>&1; then
    cp /opt/build/*.crt /usr/local/share/ca-certificates/
fi
update-ca-certificates >/dev/null 2>&1
localedef -i ko_KR -f UTF-8 ko_KR.UTF-8
localedef -i en_US -f UTF-8 en_US.UTF-8
groupadd -f -g 20100 student
useradd -u 20100 -g 20100 -m -s /bin/bash student
python3 -m venv /opt/venv
# Nobody gains rights in a container: no program keeps its setuid bit.
find / -xdev -perm /6000 -type f -exec chmod a-s {} +
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/* /var/log/*.log /var/log/apt
