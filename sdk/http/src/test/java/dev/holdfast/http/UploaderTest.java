package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** The times of requests with messages, on a clock that stands still unless the test advances it. */
class UploaderTest {
    private static final Request REQUEST =
            new Request.Builder().url("http://127.0.0.1/").build();

    private final FakeClock clock = new FakeClock();
    private final long begin = clock.nanos();
    private final List<Long> requestMillis = new ArrayList<>();
    private final HttpTransport transport = new HttpTransport(new OkHttpTransport(
            new OkHttpClient.Builder()
                    .addInterceptor(chain -> {
                        requestMillis.add(TimeUnit.NANOSECONDS.toMillis(clock.nanos() - begin));
                        chain.request().body().writeTo(new Buffer());
                        return new Response.Builder()
                                .request(chain.request())
                                .protocol(Protocol.HTTP_1_1)
                                .code(204)
                                .message("")
                                .body(ResponseBody.create("", null))
                                .build();
                    })
                    .build(),
            "resume.v1.json",
            ConnectionSettings.of(TimeUnit.SECONDS.toNanos(15), 1000),
            Runnable::run,
            clock,
            clock,
            new Random(1)));
    private final Written written = new Written();
    private final Uploads uploads = new Uploads();
    private final Uploader uploader =
            new Uploader(transport.connection(REQUEST, written, Long.MAX_VALUE), transport, REQUEST, written, uploads);

    /** With a server that answers at once, which is the most that a client could send. */
    @Test
    void underLoadARequestLeavesEvery20Milliseconds() {
        uploader.ready("name");
        String message = "{\"t\":\"msg\",\"c\":1,\"d\":\"" + "x".repeat(256) + "\"}";
        List<Long> expected = new ArrayList<>();
        for (long millis = 0; millis < 1000; millis++) {
            uploads.text(message, message.length());
            uploader.look();
            if (millis % 20 == 0) expected.add(millis);
            clock.advance(Duration.ofMillis(1));
        }
        clock.advance(Duration.ofMillis(20));
        expected.add(1000L);
        assertEquals(expected, requestMillis);
        assertEquals(1000, written.messages);
    }

    private static final class Written implements ConnectionListener {
        int messages;

        @Override
        public void onWritten(int more) {
            messages += more;
        }

        @Override
        public void onOpen(Connection connection) {}

        @Override
        public void onText(Utf8Text text) {}

        @Override
        public void onBinary(ByteString bytes) {}

        @Override
        public void onPong(ByteString payload) {}

        @Override
        public void onPingWritten() {}

        @Override
        public void onClosing(CloseStatus status) {}

        @Override
        public void onClosed(CloseStatus status) {}

        @Override
        public void onFailed(TransportException failure) {}
    }
}
