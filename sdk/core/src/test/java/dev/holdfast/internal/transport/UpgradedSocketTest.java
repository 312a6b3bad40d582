package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.Buffer;
import okio.ByteString;
import okio.ForwardingSink;
import okio.ForwardingSource;
import okio.Sink;
import okio.Socket;
import okio.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which streams a connection reads and writes. */
@Timeout(30)
class UpgradedSocketTest {
    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();

    private static Socket counting(Socket socket, AtomicLong read, AtomicLong written) {
        Source source = new ForwardingSource(socket.getSource()) {
            @Override
            public long read(Buffer sink, long byteCount) throws IOException {
                long count = super.read(sink, byteCount);
                read.addAndGet(Math.max(0, count));
                return count;
            }
        };
        Sink sink = new ForwardingSink(socket.getSink()) {
            @Override
            public void write(Buffer from, long byteCount) throws IOException {
                written.addAndGet(byteCount);
                super.write(from, byteCount);
            }
        };
        return new Socket() {
            @Override
            public Source getSource() {
                return source;
            }

            @Override
            public Sink getSink() {
                return sink;
            }

            @Override
            public void cancel() {
                socket.cancel();
            }
        };
    }

    /** Whatever OkHttp has read ahead with the answer comes first, and nothing of it is lost. */
    @Test
    void framesRightBehindTheAnswer() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        Buffer answer = new Buffer().writeUtf8(String.join("\r\n", peer.upgraded()) + "\r\n\r\n");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            texts.add("message " + i);
            answer.write(Peer.frame(0x81, ByteString.encodeUtf8("message " + i)));
        }
        peer.write(answer.readByteArray());
        Connection connection = recorder.takeOpened();
        for (String text : texts) recorder.takeText(text);
        end(connection, peer);
    }

    /** An interceptor may put streams of its own in place of OkHttp's: then they are what is used. */
    @Test
    void anInterceptorsStreamsAreUsed() throws Exception {
        AtomicLong read = new AtomicLong();
        AtomicLong written = new AtomicLong();
        OkHttpClient client = rig.client
                .newBuilder()
                .addNetworkInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    return response.newBuilder()
                            .socket(counting(response.socket(), read, written))
                            .build();
                })
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.acceptUpgrade();
        Connection connection = recorder.takeOpened();
        connection.sendText("out", 3);
        peer.takeText("out");
        peer.text("in");
        recorder.takeText("in");
        assertEquals(2 + 4 + 3, written.get());
        assertEquals(2 + 2, read.get());
        end(connection, peer);
        assertTrue(written.get() > 2 + 4 + 3);
    }

    private void end(Connection connection, Peer peer) throws Exception {
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }
}
