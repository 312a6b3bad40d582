package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import okio.Buffer;

/** Texts as a connection tells of them. */
public final class Texts {
    /** What stands around a text must not be looked at. */
    private static final byte[] BEFORE = {'"', '\\', (byte) 0x80};

    private static final byte[] BEHIND = {'"', '}', '}', '\\', (byte) 0xc3, (byte) 0xa9, '"', '}', (byte) 0x80, '"', '}'
    };

    private Texts() {}

    /** Whether the JDK's own decoder, which replaces nothing, takes it. */
    public static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Not checked, in the midst of an array. */
    public static Utf8Text text(String text) {
        return text(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same for what may not be UTF-8. */
    public static Utf8Text text(byte[] utf8) {
        byte[] array = new Buffer().write(BEFORE).write(utf8).write(BEHIND).readByteArray();
        Utf8Text made = new Utf8Text();
        made.set(array, Words.of(array), BEFORE.length, utf8.length);
        return made;
    }
}
