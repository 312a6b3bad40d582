package dev.holdfast.internal.message;

import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Where compressors come from. Each holds native memory until it is ended. */
public class Zlib {
    /** For raw deflate, RFC 1951. */
    public Inflater newInflater() {
        return new Inflater(true);
    }

    /** For raw deflate, RFC 1951. */
    public Deflater newDeflater() {
        return new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    }
}
