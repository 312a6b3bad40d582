package dev.holdfast.internal.message;

import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Creates compressors and decompressors. Each holds native memory until it is ended. */
public class Zlib {
    /** Creates an inflater for raw DEFLATE (RFC 1951). */
    public Inflater newInflater() {
        return new Inflater(true);
    }

    /** Creates a deflater for raw DEFLATE (RFC 1951). */
    public Deflater newDeflater() {
        return new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    }
}
