#!/bin/sh
# Sees to it that the browser tests find a Chromium and Chinese letters. Where it cannot, it says what to install,
# and the browser tests fail.
set -eu

complete() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then
            # fc-list comes with Chromium; where it is not there (macOS), the system has its own fonts.
            ! command -v fc-list >/dev/null || fc-list :lang=zh | grep -q . || return 1
            return 0
        fi
    done
    return 1
}

complete && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium and fonts-noto-cjk for the browser tests"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null || true
fi
complete || echo "make: the browser tests will fail: install Chromium and a Chinese font (Debian: apt-get install chromium fonts-noto-cjk)." >&2
