#!/bin/sh
# RabbitMQ with STOMP over WebSocket: PORT FOLDER EPMD_PORT DISTRIBUTION_PORT. All ports are on the loopback interface. The data is
# in the folder, and outlives the process.
set -eu
port=$1 folder=$2 epmd_port=$3 distribution_port=$4

cat >"$folder/rabbitmq.conf" <<END
listeners.tcp = none
stomp.listeners.tcp = none
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = $port
web_stomp.ws_frame = binary
END
echo '[rabbitmq_web_stomp].' >"$folder/plugins"

export HOME="$folder"
export RABBITMQ_NODENAME="holdfast$port@localhost"
export RABBITMQ_DIST_PORT="$distribution_port"
export RABBITMQ_MNESIA_BASE="$folder/data"
export RABBITMQ_LOG_BASE="$folder"
export RABBITMQ_CONFIG_FILE="$folder/rabbitmq"
export RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins"
# Otherwise a shell stays between the starter and the server.
export RABBITMQ_ALLOW_INPUT=1
export ERL_EPMD_PORT="$epmd_port"

# Without an epmd the server starts a daemon that outlives it. This one ends with the server, also if that is killed; the one of a
# server before may still be there for a moment.
while epmd -names >/dev/null 2>&1; do sleep 0.1; done
epmd -address 127.0.0.1 &
epmd=$!
until epmd -names >/dev/null 2>&1; do sleep 0.1; done
(
    while kill -0 $$ 2>/dev/null; do sleep 0.5; done
    kill "$epmd"
) &
exec /usr/lib/rabbitmq/bin/rabbitmq-server
