package dev.holdfast.stomp;

import java.io.Serializable;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A few headers, in the order in which they came. It takes a quarter of the memory of a map with a hash table. Immutable, and serializable as other maps of headers are. */
final class Headers extends AbstractMap<String, String> implements Serializable {
    private static final long serialVersionUID = 1;

    /** The maximum number of headers: each search goes through all of them. */
    static final int MAX = 16;

    /** A name, its value, the next name, and so on. */
    private final String[] pairs;

    /** @param pairs names, each once, with their values; nobody changes it */
    Headers(String[] pairs) {
        this.pairs = pairs;
    }

    /** Returns the index of a header's value among the first pairs, -1 if it is not there. */
    static int find(String name, String[] pairs, int length) {
        int characters = name.length();
        for (int i = 0; i < length; i += 2) {
            // Most names have different lengths.
            if (pairs[i].length() == characters && pairs[i].equals(name)) return i + 1;
        }
        return -1;
    }

    private int find(@Nullable Object name) {
        return name instanceof String ? find((String) name, pairs, pairs.length) : -1;
    }

    @Override
    public @Nullable String get(@Nullable Object name) {
        int found = find(name);
        return found < 0 ? null : pairs[found];
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return find(name) >= 0;
    }

    @Override
    public int size() {
        return pairs.length / 2;
    }

    @Override
    public Set<Map.Entry<String, String>> entrySet() {
        return new AbstractSet<Map.Entry<String, String>>() {
            @Override
            public Iterator<Map.Entry<String, String>> iterator() {
                return new Entries();
            }

            @Override
            public int size() {
                return Headers.this.size();
            }
        };
    }

    private final class Entries implements Iterator<Map.Entry<String, String>> {
        private int at;

        @Override
        public boolean hasNext() {
            return at < pairs.length;
        }

        @Override
        public Map.Entry<String, String> next() {
            if (!hasNext()) throw new NoSuchElementException();
            at += 2;
            return new SimpleImmutableEntry<>(pairs[at - 2], pairs[at - 1]);
        }
    }
}
