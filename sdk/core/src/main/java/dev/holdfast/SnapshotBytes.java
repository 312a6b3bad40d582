package dev.holdfast;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okio.ByteString;

/**
 * The format of a saved {@link SessionSnapshot}: a line of ASCII with the format's version, and the length and checksum
 * of the content that follows it. A file that was cut off, or written over a longer one, or damaged, is not taken for a
 * snapshot: it might name a session with the wrong place in it.
 *
 * <p>The content is JSON. A member that an older SDK does not know needs no new version; one that it must not ignore does.
 */
final class SnapshotBytes {
    /** The first one had no header. */
    private static final int VERSION = 2;

    private static final int CHECKSUM_BYTES = 16;
    private static final int MAX_HEADER_BYTES = 128;
    private static final Pattern HEADER =
            Pattern.compile("holdfast-session ([0-9]{1,9}) ([0-9]{1,10}) ([0-9a-f]{32})\n");

    private SnapshotBytes() {}

    /** Returns the content behind its header. */
    static byte[] seal(byte[] content) {
        byte[] header = ("holdfast-session " + VERSION + ' ' + content.length + ' ' + checksum(content, 0) + '\n')
                .getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = new byte[header.length + content.length];
        System.arraycopy(header, 0, sealed, 0, header.length);
        System.arraycopy(content, 0, sealed, header.length, content.length);
        return sealed;
    }

    /**
     * Returns where the content begins, which is all that follows.
     *
     * @throws IllegalArgumentException if the bytes are not exactly what {@link #seal} has made
     */
    static int open(byte[] bytes) {
        int most = Math.min(bytes.length, MAX_HEADER_BYTES);
        Matcher header = HEADER.matcher(new String(bytes, 0, most, StandardCharsets.ISO_8859_1));
        if (!header.lookingAt()) {
            throw new IllegalArgumentException(
                    "not a session snapshot, or one of an SDK from before format " + VERSION);
        }
        int version = Integer.parseInt(header.group(1));
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "session snapshot of format " + version + ", but this SDK reads format " + VERSION);
        }
        long expected = Long.parseLong(header.group(2));
        int start = header.end();
        int length = bytes.length - start;
        if (length < expected) {
            throw new IllegalArgumentException(
                    "session snapshot is cut off after " + length + " of " + expected + " bytes");
        }
        if (length > expected) {
            throw new IllegalArgumentException("session snapshot of " + expected + " bytes is followed by "
                    + (length - expected) + " that do not belong to it");
        }
        if (!checksum(bytes, start).equals(header.group(3))) {
            throw new IllegalArgumentException("session snapshot is damaged: its checksum is wrong");
        }
        return start;
    }

    private static String checksum(byte[] bytes, int from) {
        ByteString content = ByteString.of(bytes, from, bytes.length - from);
        return content.sha256().substring(0, CHECKSUM_BYTES).hex();
    }
}
