package dev.holdfast;

import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.RESUMING;
import static dev.holdfast.ClientState.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The lines of a frame log, of real connections on a clock that stands still. */
@Timeout(30)
class FrameLogTest {
    private static final String HELLO = "c1 07 f2 48 cd c9 c9 07 00";

    @RegisterExtension
    final ClientRig rig = new ClientRig();

    private final FakeClock clock = new FakeClock();
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private HoldfastClient client;
    private Peer peer;

    private HoldfastClientBuilder builder(HoldfastEventListener events) {
        Environment environment = new Environment(clock, clock, rig.threads, new Random(1), new Random(1), null);
        return TestHooks.in(environment, rig.builder())
                .compression(Compression.none())
                .heartbeat(Heartbeat.none())
                .addEventListener(events);
    }

    private void connect(HoldfastClientBuilder builder, String... head) throws Exception {
        client = rig.build(builder);
        client.connect();
        peer = rig.server.accept();
        peer.readRequest();
        List<String> answer = new ArrayList<>(peer.upgraded());
        answer.addAll(List.of(head));
        peer.answer(answer);
    }

    private void logged(String... expected) {
        assertEquals(List.of(expected), List.copyOf(lines));
    }

    @Test
    void linesWithoutPayloads() throws Exception {
        connect(builder(FrameLog.to(lines::add)));
        rig.recorder.takeStates(CONNECTING, OPEN);
        clock.advance(Duration.ofNanos(21_336_999));
        client.send("secret");
        peer.takeText("secret");
        peer.text("secret");
        rig.recorder.takeMessage();
        clock.advance(Duration.ofSeconds(1234));
        peer.write(Peer.frame(0x02, ByteString.encodeUtf8("secret")));
        peer.write(Peer.frame(0x80, ByteString.of(new byte[70_000])));
        rig.recorder.takeMessage();
        peer.ping("secret");
        peer.take();
        peer.closeFrame(1001, "secret");
        peer.takeClose(1001);
        peer.close();
        logged(
                "   0.021336 #1 -> TEXT         F-M      6",
                "   0.021336 #1 <- TEXT         F--      6",
                "1234.021336 #1 <- BINARY       ---      6",
                "1234.021336 #1 <- CONTINUATION F--  70000",
                "1234.021336 #1 <- PING         F--      6",
                "1234.021336 #1 -> PONG         F-M      6",
                "1234.021336 #1 <- CLOSE        F--      8 1001",
                "1234.021336 #1 -> CLOSE        F-M      8 1001");
    }

    @Test
    void severalLogsOfOneClientShowAsMuchAsEachAskedFor() throws Exception {
        connect(builder(FrameLog.to(lines::add))
                .addEventListener(new HoldfastEventListener() {})
                .addEventListener(FrameLog.to(line -> lines.add("all " + line)).withPayloadBytes(1000))
                .addEventListener(FrameLog.to(line -> lines.add("cut " + line)).withPayloadBytes(2)));
        rig.recorder.takeStates(CONNECTING, OPEN);
        peer.text("secret");
        rig.recorder.takeMessage();
        logged(
                "   0.000000 #1 <- TEXT         F--      6",
                "all    0.000000 #1 <- TEXT         F--      6 secret",
                "cut    0.000000 #1 <- TEXT         F--      6 se…");
    }

    @Test
    void payloadsWithoutTheSessionsSecrets() throws Exception {
        HoldfastClientBuilder builder = builder(FrameLog.to(lines::add).withPayloadBytes(1000))
                .session(Session.resumable())
                .credentialProvider(reason -> CompletableFuture.completedFuture(Credential.inOpen("credential")));
        connect(builder);
        assertEquals("{\"t\":\"open\",\"auth\":\"credential\"}", peer.take().utf8());
        peer.text(
                "{\"t\":\"welcome\",\"sid\":\"session\",\"key\":\"secret\",\"resumed\":false,\"last\":\"e-0\",\"c\":0,"
                        + "\"ttl\":1000}");
        peer.text("{\"t\":\"live\"}");
        rig.recorder.takeStates(CONNECTING, RESUMING, OPEN);
        peer.closeFrame(1001, "");
        peer.takeClose(1001);
        peer.close();
        rig.recorder.takeFailure();
        rig.recorder.takeStates(WAITING);
        client.connect();
        peer = rig.server.acceptUpgrade();
        assertEquals(
                "{\"t\":\"open\",\"sid\":\"session\",\"key\":\"secret\",\"last\":\"e-0\",\"auth\":\"credential\"}",
                peer.take().utf8());
        logged(
                "   0.000000 #1 -> TEXT         F-M     32 {\"t\":\"open\",\"auth\":***}",
                "   0.000000 #1 <- TEXT         F--     92 {\"t\":\"welcome\",\"sid\":***,\"key\":***,"
                        + "\"resumed\":false,\"last\":\"e-0\",\"c\":0,\"ttl\":1000}",
                "   0.000000 #1 <- TEXT         F--     12 {\"t\":\"live\"}",
                "   0.000000 #1 <- CLOSE        F--      2 1001",
                "   0.000000 #1 -> CLOSE        F-M      2 1001",
                "   0.000000 #2 -> TEXT         F-M     76 {\"t\":\"open\",\"sid\":***,\"key\":***,\"last\":\"e-0\","
                        + "\"auth\":***}");
    }

    @Test
    void compressedMessagesAreShownAsTheyWere() throws Exception {
        connect(
                builder(FrameLog.to(lines::add).withPayloadBytes(9))
                        .compression(Compression.deflate().withThreshold(1)),
                "Sec-WebSocket-Extensions: permessage-deflate");
        rig.recorder.takeStates(CONNECTING, OPEN);
        client.send("Hello");
        assertEquals("f248cdc9c90700", peer.takeCompressed().payload().hex());
        byte[] noise = new byte[60_000];
        new Random(1).nextBytes(noise);
        client.send("{\"key\":\"" + ByteString.of(noise).base64() + "\"}");
        long first = peer.takeCompressed().payload().size();
        long second = peer.take().payload().size();
        peer.hex(HELLO);
        assertEquals("Hello", rig.recorder.takeMessage().text());
        logged(
                "   0.000000 #1 -> TEXT         FRM      7 Hello",
                "   0.000000 #1 -> TEXT         -RM  " + first + " {\"key\":***…",
                "   0.000000 #1 -> CONTINUATION F-M  " + second,
                "   0.000000 #1 <- TEXT         FR-      7 Hello");
    }

    @Test
    void payloadsAreCutBetweenCharacters() throws Exception {
        connect(builder(FrameLog.to(lines::add).withPayloadBytes(4)));
        rig.recorder.takeStates(CONNECTING, OPEN);
        for (String text : List.of("four", "fünfe", "drü\u00fc", "zw\ud83d\ude00")) {
            client.send(text);
            peer.takeText(text);
        }
        client.send(ByteString.decodeHex("0001feff"));
        client.send(ByteString.decodeHex("0001feff00"));
        peer.take();
        peer.take();
        // A secret that comes a byte at a time.
        for (String piece : List.of("{\"ke", "y\":\"s", "ecret\"}")) {
            int first = piece.startsWith("{") ? 0x01 : piece.endsWith("}") ? 0x80 : 0x00;
            peer.write(Peer.frame(first, ByteString.encodeUtf8(piece)));
        }
        rig.recorder.takeMessage();
        logged(
                "   0.000000 #1 -> TEXT         F-M      4 four",
                "   0.000000 #1 -> TEXT         F-M      6 fün…",
                "   0.000000 #1 -> TEXT         F-M      6 drü…",
                "   0.000000 #1 -> TEXT         F-M      6 zw…",
                "   0.000000 #1 -> BINARY       F-M      4 0001feff",
                "   0.000000 #1 -> BINARY       F-M      5 0001feff…",
                "   0.000000 #1 <- TEXT         ---      4 {\"ke…",
                "   0.000000 #1 <- CONTINUATION ---      5",
                "   0.000000 #1 <- CONTINUATION F--      7");
    }

    @Test
    void aFrameThatIsRefusedIsLoggedBeforeTheClose() throws Exception {
        connect(builder(FrameLog.to(lines::add)).maxMessageBytes(10));
        rig.recorder.takeStates(CONNECTING, OPEN);
        peer.text("eleven byte");
        peer.takeClose(1009);
        logged("   0.000000 #1 <- TEXT         F--     11", "   0.000000 #1 -> CLOSE        F-M      2 1009");
    }

    @Test
    void linesGoToAnAppendable() throws Exception {
        StringWriter out = new StringWriter();
        connect(builder(FrameLog.to(out)));
        rig.recorder.takeStates(CONNECTING, OPEN);
        client.send("");
        peer.takeText("");
        assertEquals("   0.000000 #1 -> TEXT         F-M      0\n", out.toString());
        assertThrows(
                IllegalArgumentException.class, () -> FrameLog.to(lines::add).withPayloadBytes(-1));
    }
}
