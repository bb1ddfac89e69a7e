# shellcheck shell=bash
# A private certificate authority, and the certificates that a test wants: good, expired, of another
# host, of an authority that nobody trusts.

# make_authority NAME: $tls/NAME.pem and .key
make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=$1" -keyout "$tls/$1.key" -out "$tls/$1.pem" 2>/dev/null
}

# make_certificate NAME AUTHORITY HOST START END [SAN [KEY...]]: KEY... are options of openssl req
make_certificate() {
    local name=$1 authority=$2 host=$3 from=$4 to=$5 san=${6:-DNS:$3}
    local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1)
    [ $# -le 6 ] || key=("${@:7}")
    openssl req "${key[@]}" -nodes -subj "/CN=$host" \
        -keyout "$tls/$name.key" -out "$tls/$name.csr" 2>/dev/null
    mkdir -p "$tls/$authority-db"
    : >"$tls/$authority-db/index"
    [ -e "$tls/$authority-db/serial" ] || echo 1000 >"$tls/$authority-db/serial"
    cat >"$tls/$name.conf" <<CONF
[ca]
default_ca = it
[it]
database = $tls/$authority-db/index
serial = $tls/$authority-db/serial
new_certs_dir = $tls/$authority-db
default_md = default
policy = any
x509_extensions = server
[any]
commonName = supplied
[server]
subjectAltName = $san
CONF
    openssl ca -batch -notext -config "$tls/$name.conf" -cert "$tls/$authority.pem" \
        -keyfile "$tls/$authority.key" -startdate "$from" -enddate "$to" \
        -in "$tls/$name.csr" -out "$tls/$name.pem" 2>/dev/null
}

make_certificates() {
    local past now future
    past=$(date -u -d '-3 days' +%Y%m%d000000Z)
    now=$(date -u -d '-1 day' +%Y%m%d000000Z)
    future=$(date -u -d '+2 days' +%Y%m%d000000Z)
    tls=$BATS_FILE_TMPDIR/tls
    mkdir "$tls"
    make_authority trusted
    make_authority stranger
    make_certificate good trusted localhost "$now" "$future"
    make_certificate expired trusted localhost "$past" "$now"
    make_certificate other trusted other.example "$now" "$future"
    make_certificate unknown stranger localhost "$now" "$future"
}

# What old TLS libraries could not do: other kinds of keys, a name that is an address.
make_modern_certificates() {
    local now future
    now=$(date -u -d '-1 day' +%Y%m%d000000Z)
    future=$(date -u -d '+2 days' +%Y%m%d000000Z)
    make_certificate ed25519 trusted localhost "$now" "$future" DNS:localhost -newkey ed25519
    make_certificate pss trusted localhost "$now" "$future" DNS:localhost \
        -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048
    make_certificate address trusted 127.0.0.1 "$now" "$future" IP:127.0.0.1
}
