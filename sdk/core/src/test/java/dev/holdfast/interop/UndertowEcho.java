package dev.holdfast.interop;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.StreamSinkFrameChannel;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSocketFrameType;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.Deflater;
import javax.net.ssl.SSLContext;
import org.xnio.channels.Channels;

/** Undertow, in this process. */
final class UndertowEcho implements AutoCloseable {
    static {
        // Before its first logger is made: to where everybody else's log goes.
        System.setProperty("org.jboss.logging.provider", "slf4j");
    }

    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    private final Commands commands = new Commands();

    private final Undertow undertow;

    private UndertowEcho(boolean compresses, SSLContext tls) {
        WebSocketConnectionCallback onOpen = (exchange, channel) -> {
            channel.getReceiveSetter().set(new Endpoint(commands, channel));
            channel.resumeReceives();
        };
        WebSocketProtocolHandshakeHandler handler = new WebSocketProtocolHandshakeHandler(
                List.of(new Hybi13Handshake(Set.of(InteropContract.SUBPROTOCOL), true)), onOpen);
        if (compresses) {
            handler.addExtension(
                    new PerMessageDeflateHandshake(false, Deflater.DEFAULT_COMPRESSION, true, true, MAX_MESSAGE_BYTES));
        }
        Undertow.Builder builder = Undertow.builder()
                .setIoThreads(2)
                .setWorkerThreads(1)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setHandler(handler);
        if (tls == null) {
            builder.addHttpListener(0, "127.0.0.1");
        } else {
            builder.addHttpsListener(0, "127.0.0.1", tls);
        }
        undertow = builder.build();
    }

    static UndertowEcho start(boolean compresses) {
        return start(compresses, null);
    }

    /** @param tls null for a server without TLS */
    static UndertowEcho start(boolean compresses, SSLContext tls) {
        UndertowEcho echo = new UndertowEcho(compresses, tls);
        echo.undertow.start();
        return echo;
    }

    int port() {
        return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    @Override
    public void close() {
        undertow.stop();
    }

    private static final class Endpoint extends AbstractReceiveListener implements Commands.Peer {
        private final Commands commands;
        private final WebSocketChannel channel;

        /** Sends one thing after the other, and blocks in doing so, which Undertow's own threads must not. */
        private final ExecutorService sender = Executors.newSingleThreadExecutor();

        Endpoint(Commands commands, WebSocketChannel channel) {
            this.commands = commands;
            this.channel = channel;
            channel.addCloseTask(closed -> sender.shutdown());
        }

        @Override
        protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
            commands.onText(this, message.getData());
        }

        @Override
        protected void onFullBinaryMessage(WebSocketChannel from, BufferedBinaryMessage message) {
            ByteBuffer payload = copy(message);
            send(() -> WebSockets.sendBinaryBlocking(payload, channel));
        }

        @Override
        protected void onFullPongMessage(WebSocketChannel from, BufferedBinaryMessage message) {
            commands.onPong(this, StandardCharsets.UTF_8.decode(copy(message)).toString());
        }

        @Override
        protected void onCloseMessage(CloseMessage message, WebSocketChannel from) {
            commands.onClose(this, message.getCode(), message.getReason());
        }

        /** The message's own buffers go back to a pool. */
        private static ByteBuffer copy(BufferedBinaryMessage message) {
            var pooled = message.getData();
            try {
                return WebSockets.mergeBuffers(pooled.getResource());
            } finally {
                pooled.close();
            }
        }

        @Override
        public String path() {
            return URI.create(channel.getUrl()).getPath();
        }

        @Override
        public void text(String text) {
            send(() -> WebSockets.sendTextBlocking(text, channel));
        }

        @Override
        public void ping(String payload) {
            send(() -> WebSockets.sendPingBlocking(StandardCharsets.UTF_8.encode(payload), channel));
        }

        @Override
        public void fragments(List<String> fragments) {
            send(() -> {
                StreamSinkFrameChannel message = channel.send(WebSocketFrameType.TEXT);
                for (String fragment : fragments) {
                    Channels.writeBlocking(message, StandardCharsets.UTF_8.encode(fragment));
                    Channels.flushBlocking(message);
                }
                message.shutdownWrites();
                Channels.flushBlocking(message);
            });
        }

        @Override
        public void close(int code, String reason) {
            send(() -> WebSockets.sendCloseBlocking(code, reason, channel));
        }

        @Override
        public void die() {
            send(channel::close);
        }

        private void send(Send send) {
            sender.execute(() -> {
                try {
                    send.run();
                } catch (IOException e) {
                    // The client is gone, and its test knows why.
                }
            });
        }

        private interface Send {
            void run() throws IOException;
        }
    }
}
