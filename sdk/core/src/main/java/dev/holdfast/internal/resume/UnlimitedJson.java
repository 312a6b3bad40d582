package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.TSFBuilder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.util.Objects;

/**
 * Jackson's streaming API without its limits on sizes, from Jackson 2.12 on. The size of a message is limited before it is
 * parsed, and a payload that is rejected here would be replayed, and rejected, for ever.
 */
public final class UnlimitedJson {
    private static final class Holder {
        static final JsonFactory FACTORY = create();
    }

    private UnlimitedJson() {}

    /**
     * Returns the factory of parsers and generators, which is created on the first call.
     *
     * @throws LinkageError if there is no jackson-core on the class path, or one before 2.10
     */
    public static JsonFactory factory() {
        return Holder.FACTORY;
    }

    /**
     * Fails now if {@link #factory} would fail, and creates nothing yet.
     *
     * @throws LinkageError if there is no jackson-core on the class path, or one before 2.10
     */
    static void require() {
        Objects.requireNonNull(TSFBuilder.class);
    }

    private static JsonFactory create() {
        try {
            return Since16.unlimited(JsonFactory.builder()).build();
        } catch (LinkageError e) {
            try {
                return Since15.unlimited(withoutThreadLocals()).build();
            } catch (LinkageError older) {
                // It has no limits.
                return withoutThreadLocals().build();
            }
        }
    }

    /** A buffer for every thread that ever read an envelope would outweigh the rest of an idle session. */
    private static TSFBuilder<?, ?> withoutThreadLocals() {
        return JsonFactory.builder().disable(JsonFactory.Feature.USE_THREAD_LOCAL_FOR_BUFFER_RECYCLING);
    }

    /** The limits added in Jackson 2.16. */
    private static final class Since16 {
        static TSFBuilder<?, ?> unlimited(TSFBuilder<?, ?> builder) {
            return builder.streamReadConstraints(Since15.constraints()
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool());
        }
    }

    /** The limits added in Jackson 2.15. */
    private static final class Since15 {
        static TSFBuilder<?, ?> unlimited(TSFBuilder<?, ?> builder) {
            return builder.streamReadConstraints(constraints().build());
        }

        static StreamReadConstraints.Builder constraints() {
            return StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE);
        }
    }
}
