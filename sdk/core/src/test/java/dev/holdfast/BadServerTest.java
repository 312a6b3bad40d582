package dev.holdfast;

import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.WAITING;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever a server answers or sends, the client says in a sentence what was wrong, tries again, and works with the next
 * server that is sane.
 */
@Tag("slow")
@Timeout(60)
class BadServerTest {
    @RegisterExtension
    final ClientRig rig = new ClientRig();

    private ConnectionFailure failsThenWorks() throws Exception {
        Object event = rig.recorder.take();
        // Noise may by chance be an answer, or messages.
        while (event == OPEN || event instanceof Message) event = rig.recorder.take();
        ConnectionFailure failure = assertInstanceOf(ConnectionFailure.class, event);
        assertReadsWell(failure);
        assertTrue(failure.willRetry(), failure.toString());
        rig.recorder.takeStates(WAITING, CONNECTING);
        Peer sane = rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
        sane.text("fine");
        assertEquals("fine", rig.recorder.takeMessage().text());
        return failure;
    }

    private static void assertReadsWell(ConnectionFailure failure) {
        String text = failure.toString();
        assertTrue(text.startsWith(failure.phase() + ": " + failure.message() + "; "), text);
        assertTrue(text.length() < 600, text.length() + " characters");
        assertTrue(text.chars().noneMatch(Character::isISOControl), text);
        for (String raw : new String[] {"null", "\\n not found", "EOFException"}) {
            assertTrue(!text.contains(raw), text);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<html>Sign in to the train's network</html>      | response to the upgrade is not HTTP: Unexpected status line: <html>Sign in to the train's network</html>",
                "HTTP/1.1 200 OK~Content-Type: text/html~Content-Length: 2~Connection: close~~hi | upgrade refused with HTTP 200 (text/html)",
                "HTTP/1.1 204 No Content                          | upgrade refused with HTTP 204",
                "HTTP/1.1 302 Found~Location: ws://elsewhere.example/~Content-Length: 0 | upgrade refused with HTTP 302",
                "HTTP/1.1 404 Not Found~Content-Length: 0         | upgrade refused with HTTP 404",
                "HTTP/1.1 502 Bad Gateway~Content-Type: text/plain;~Content-Length: 0 | upgrade refused with HTTP 502 (text/plain)",
                "HTTP/1.1 101 Switching Protocols                 | invalid response to the upgrade: Connection is [], not Upgrade",
                "HTTP/1.1 101 Switching Protocols~Connection: Upgrade | invalid response to the upgrade: Upgrade is [], not websocket",
                "HTTP/1.1 101 Switching Protocols~Connection: Upgrade~Upgrade: h2c | invalid response to the upgrade: Upgrade is [h2c], not websocket",
                "SSH-2.0-OpenSSH_9.2                              | response to the upgrade is not HTTP: Unexpected status line: SSH-2.0-OpenSSH_9.2",
            })
    void answersTheUpgradeWrongly(String answer, String message) throws Exception {
        HoldfastClient client = rig.build();
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        Peer bad = rig.server.accept();
        bad.readRequest();
        bad.answer(answer.split("~", -1));
        bad.close();
        ConnectionFailure failure = failsThenWorks();
        assertEquals(message, failure.message());
        assertEquals(Phase.UPGRADE, failure.phase());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "81 82 00 00 00 00 68 69 | 1002 | server violated the protocol: frame from a server is masked",
                "c1 00                   | 1002 | server violated the protocol: reserved bits set without an extension that uses them",
                "81 01 ff                | 1007 | server violated the protocol: text message is not UTF-8",
                "82 7f 00 00 00 00 40 00 00 00 | 1009 | server violated the protocol: message over the limit of 16777216 bytes",
                "82 7f 7f ff ff ff ff ff ff ff | 1009 | server violated the protocol: message over the limit of 16777216 bytes",
                "88 02 03 ed             | 1002 | server violated the protocol: close code 1005 must not be sent",
            })
    void breaksTheProtocol(String hex, int code, String message) throws Exception {
        HoldfastClient client = rig.build();
        client.connect();
        Peer bad = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        bad.text("before");
        assertEquals("before", rig.recorder.takeMessage().text());
        bad.hex(hex);
        bad.takeClose(code);
        bad.close();
        assertEquals(message, failsThenWorks().message());
    }

    private void assertSoon(long begun) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertTrue(millis < 3000, "after " + millis + " ms");
    }

    @Test
    void breaksTheProtocolAndKeepsTheConnection() throws Exception {
        HoldfastClient client = rig.build();
        client.connect();
        Peer bad = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        long begun = System.nanoTime();
        bad.hex("83 00");
        assertEquals(
                "server violated the protocol: reserved opcode 3",
                failsThenWorks().message());
        assertSoon(begun);
        bad.takeClose(1002);
        bad.close();
    }

    /** Noise in place of an answer: each repetition another. */
    @RepeatedTest(100)
    void answersTheUpgradeWithNoise(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        HoldfastClient client = rig.build();
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        Peer bad = rig.server.accept();
        bad.readRequest();
        byte[] answer = (String.join("\r\n", bad.upgraded()) + "\r\n\r\n").getBytes(US_ASCII);
        // One to three bytes of a right answer are another, or it is cut.
        for (int i = random.nextInt(3); i >= 0; i--) answer[random.nextInt(answer.length)] = (byte) random.nextInt();
        bad.write(Arrays.copyOf(answer, answer.length - (random.nextInt(4) == 0 ? random.nextInt(40) : 0)));
        bad.endStream();
        failsThenWorks();
    }

    /** Noise in place of frames: each repetition another. */
    @RepeatedTest(100)
    void sendsNoise(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        HoldfastClient client = rig.build();
        client.connect();
        Peer bad = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        Buffer noise = new Buffer();
        int frames = random.nextInt(4);
        for (int i = 0; i < frames; i++) noise.write(Peer.frame(0x82, ByteString.of(new byte[random.nextInt(200)])));
        byte[] bytes = new byte[1 + random.nextInt(300)];
        random.nextBytes(bytes);
        bad.write(noise.write(bytes).readByteArray());
        bad.endStream();
        failsThenWorks();
    }

    @Test
    void sendsMessagesWithoutEndInOneMessage() throws Exception {
        HoldfastClient client = rig.build(rig.builder().maxMessageBytes(1000));
        client.connect();
        Peer bad = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        bad.write(Peer.frame(0x02, ByteString.of(new byte[600])));
        bad.write(Peer.frame(0x00, ByteString.of(new byte[400])));
        bad.write(Peer.frame(0x00, ByteString.EMPTY));
        bad.write(Peer.frame(0x00, ByteString.of(new byte[1])));
        bad.takeClose(1009);
        bad.close();
        assertEquals(
                "server violated the protocol: message over the limit of 1000 bytes",
                failsThenWorks().message());
    }
}
