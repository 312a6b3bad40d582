package dev.holdfast.interop;

import java.util.List;
import java.util.Random;
import okio.Buffer;
import okio.ByteString;
import okio.Utf8;

/** The payloads to send. The same on every run. */
final class Payloads {
    /** Around the limits of the three forms that a frame's length has, and one that no buffer holds at once. */
    static final List<Integer> SIZES = List.of(0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20);

    private final Random random = new Random(1);

    /** A text of so many bytes, of characters drawn from those given, and dots where none of them fits any more. */
    String text(int bytes, String characters) {
        int[] drawn = characters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        int size = 0;
        while (size < bytes) {
            String next = Character.toString(drawn[random.nextInt(drawn.length)]);
            if (Utf8.size(next) > bytes - size) next = ".";
            text.append(next);
            size += Math.toIntExact(Utf8.size(next));
        }
        return text.toString();
    }

    /** Bytes that no compression makes shorter. */
    ByteString noise(int bytes) {
        byte[] noise = new byte[bytes];
        random.nextBytes(noise);
        return ByteString.of(noise);
    }

    /** Noise, again and again: it is only shorter for a compressor that looks back as far as {@code distance}. */
    ByteString repeating(int distance, int bytes) {
        ByteString block = noise(distance);
        Buffer all = new Buffer();
        while (all.size() < bytes) all.write(block);
        return all.readByteString();
    }
}
