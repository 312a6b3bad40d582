package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.Compression;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.CountingZlib;
import dev.holdfast.internal.transport.CompressingPeer.Agreement;
import dev.holdfast.internal.transport.ConnectionRecorder.Binary;
import dev.holdfast.internal.transport.ConnectionRecorder.Pong;
import dev.holdfast.internal.transport.ConnectionRecorder.Text;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compressed messages over a socket, there and back, RFC 7692: every agreement, every size, fragments, and plain messages
 * between. The server inflates with no more memory than was agreed on.
 */
@Tag("slow")
@Timeout(60)
class CompressedEchoTest {
    private static final int UNFRAGMENTED = 1 << 20;
    private static final int THRESHOLD = 100;
    private static final int[] SIZES = {0, 16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072};
    private static final Agreement DEFAULT = new Agreement(true, true, 0, 0);

    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final CountingZlib zlib = new CountingZlib();
    private ConnectionRecorder recorder;
    private Connection connection;
    private CompressingPeer peer;

    private enum Payload {
        JSON,
        CHARACTERS,
        REPETITIVE,
        FAR_REPETITIVE,
        NOISE;

        boolean isText() {
            return this == JSON || this == CHARACTERS;
        }

        int opcode() {
            return isText() ? 1 : 2;
        }

        ByteString of(int size) {
            return switch (this) {
                case JSON ->
                    text(size, i -> "{\"id\":" + i + ",\"name\":\"naïve €\",\"sign\":\"😀\",\"price\":[1.5,2.25]},\n");
                case CHARACTERS -> text(size, i -> Character.toString(0x20 + (i * 7919) % 0xd7e0));
                case REPETITIVE -> repeated(300, size);
                case FAR_REPETITIVE -> repeated(30_000, size);
                case NOISE -> repeated(size, size);
            };
        }
    }

    // ---- agreements ----

    /** Whatever window the server wants for either side, or is asked for. */
    @ParameterizedTest
    @CsvSource({
        "true, true, false", "true, false, false", "false, true, false", "false, false, false",
        "true, true, true", "true, false, true", "false, true, true", "false, false, true"
    })
    void everyAgreement(boolean clientTakeover, boolean serverTakeover, boolean asked) throws Exception {
        for (int clientBits : new int[] {0, 8, 9, 10, 11, 12, 13, 14, 15}) {
            for (int serverBits : new int[] {0, 8, 9, 10, 11, 12, 13, 14, 15}) {
                Agreement agreement = new Agreement(clientTakeover, serverTakeover, clientBits, serverBits);
                connect(asked ? asking(agreement) : Compression.deflate().withThreshold(THRESHOLD), agreement);
                for (Payload payload : Payload.values()) {
                    for (int size : new int[] {0, 600, 99, 1300}) echo(payload, size, UNFRAGMENTED);
                }
                close();
            }
        }
    }

    private static Compression asking(Agreement agreement) {
        Compression asking = Compression.deflate().withThreshold(THRESHOLD);
        if (!agreement.clientTakeover()) asking = asking.withoutClientContextTakeover();
        if (!agreement.serverTakeover()) asking = asking.withoutServerContextTakeover();
        if (agreement.clientBits() != 0) asking = asking.withClientMaxWindowBits(agreement.clientBits());
        if (agreement.serverBits() != 0) asking = asking.withServerMaxWindowBits(agreement.serverBits());
        return asking;
    }

    // ---- sizes and fragments ----

    static Stream<Arguments> agreementsAndFragments() {
        int[] fragments = {UNFRAGMENTED, 256, 1024, 4096, 32_768};
        List<Arguments> all = new ArrayList<>();
        for (boolean takeover : new boolean[] {true, false}) {
            for (int bits = 8; bits <= 15; bits++) {
                all.add(arguments(new Agreement(takeover, takeover, bits, bits), fragments[all.size() % 5]));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("agreementsAndFragments")
    void everySize(Agreement agreement, int fragmentBytes) throws Exception {
        rig.settings = rig.settings.fragmentBytes(fragmentBytes);
        connect(Compression.deflate().withThreshold(0), agreement);
        for (Payload payload : Payload.values()) {
            for (int size : SIZES) echo(payload, size, fragmentBytes, true);
        }
        close();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void manyMessages(boolean takeover) throws Exception {
        connect(Compression.deflate().withThreshold(0), new Agreement(takeover, takeover, 0, 0));
        for (int i = 0; i < 1000; i++) echo(Payload.values()[i % 5], (i * 37) % 1025, UNFRAGMENTED, true);
        close();
    }

    @Test
    void controlFramesBetweenFragments() throws Exception {
        connect(Compression.deflate(), DEFAULT);
        ByteString hello = ByteString.decodeHex("f248cdc9c90700");
        for (int i = 0; i < 3; i++) {
            peer.peer.write(Peer.frame(0x41, hello.substring(0, 3)));
            peer.peer.ping("there?");
            peer.peer.pong(ByteString.EMPTY);
            peer.peer.write(Peer.frame(0x80, hello.substring(3)));
            assertEquals(10, peer.peer.take().opcode());
            assertEquals(new Pong(ByteString.EMPTY), recorder.take());
            recorder.takeText("Hello");
        }
        close();
    }

    // ---- compressed or not ----

    /** Each side decides for each message; the others' memory of what came before is not touched. */
    @ParameterizedTest
    @CsvSource({"true, 1048576", "true, 1000", "false, 1048576", "false, 1000"})
    void plainBetweenCompressed(boolean takeover, int fragmentBytes) throws Exception {
        rig.settings = rig.settings.fragmentBytes(fragmentBytes);
        connect(Compression.deflate().withThreshold(2000), new Agreement(takeover, takeover, 10, 10));
        for (int i = 0; i < 40; i++) {
            Payload payload = Payload.values()[i % 5];
            int size = i % 3 == 0 ? 1999 : 2000 + i;
            send(payload, size, size >= 2000, fragmentBytes);
            receive(payload, size, i % 4 < 2, fragmentBytes);
        }
        close();
    }

    @Test
    void belowTheThresholdNothingIsCompressed() throws Exception {
        connect(Compression.deflate().withThreshold(Integer.MAX_VALUE), DEFAULT);
        for (Payload payload : Payload.values()) echo(payload, 131_072, 64 * 1024, false);
        close();
        assertEquals(0, zlib.made());
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void declinedOrNotOffered(boolean offered) throws Exception {
        rig.settings = rig.settings
                .compression(offered ? Compression.deflate().withThreshold(0) : Compression.none())
                .zlib(zlib);
        recorder = rig.newRecorder();
        rig.open(recorder);
        Peer plain = rig.server.acceptUpgrade();
        assertEquals(offered ? 1 : 0, plain.header("Sec-WebSocket-Extensions").size());
        peer = new CompressingPeer(plain, DEFAULT);
        connection = recorder.takeOpened();
        for (Payload payload : Payload.values()) {
            for (int size : SIZES) echo(payload, size, 64 * 1024, false);
        }
        close();
        assertEquals(0, zlib.made());
    }

    // ----

    private void connect(Compression compression, Agreement agreement) throws Exception {
        rig.settings = rig.settings.compression(compression).zlib(zlib);
        recorder = rig.newRecorder();
        rig.open(recorder);
        Peer accepted = rig.server.accept();
        accepted.readRequest();
        List<String> head = new ArrayList<>(accepted.upgraded());
        head.add("Sec-WebSocket-Extensions: " + agreement);
        accepted.answer(head);
        peer = new CompressingPeer(accepted, agreement);
        connection = recorder.takeOpened();
    }

    private void close() throws Exception {
        connection.close(CloseStatus.of(1000, ""));
        peer.peer.takeClose(1000);
        peer.peer.closeFrame(1000, "");
        peer.peer.close();
        peer.close();
        recorder.takeClosed(1000, "");
        rig.threads.awaitAllEnded();
        assertEquals(0, zlib.open());
    }

    private void echo(Payload payload, int size, int fragmentBytes) throws Exception {
        echo(payload, size, fragmentBytes, size >= THRESHOLD);
    }

    private void echo(Payload payload, int size, int fragmentBytes, boolean compressed) throws Exception {
        send(payload, size, compressed, fragmentBytes);
        receive(payload, size, compressed, fragmentBytes);
    }

    private void send(Payload payload, int size, boolean compressed, int fragmentBytes) throws Exception {
        ByteString message = payload.of(size);
        if (payload.isText()) connection.sendText(message.utf8(), size);
        else connection.sendBinary(message);
        assertEquals(message, peer.take(payload.opcode(), compressed, fragmentBytes));
        if (!payload.isText()) return;
        connection.sendText(message.toByteArray(), size);
        assertEquals(message, peer.take(payload.opcode(), compressed, fragmentBytes));
    }

    private void receive(Payload payload, int size, boolean compressed, int fragmentBytes) throws Exception {
        ByteString message = payload.of(size);
        peer.send(payload.opcode(), compressed, message, fragmentBytes);
        assertEquals(payload.isText() ? new Text(message.utf8()) : new Binary(message), recorder.take());
    }

    private static ByteString text(int size, IntFunction<String> parts) {
        Buffer text = new Buffer();
        for (int i = 0; ; i++) {
            ByteString part = ByteString.encodeUtf8(parts.apply(i));
            if (text.size() + part.size() > size) break;
            text.write(part);
        }
        while (text.size() < size) text.writeByte('.');
        return text.readByteString();
    }

    /** Noise, again and again. */
    private static ByteString repeated(int distance, int size) {
        byte[] block = new byte[distance];
        new Random(distance).nextBytes(block);
        Buffer all = new Buffer();
        while (all.size() < size) all.write(block);
        return all.snapshot(size);
    }
}
