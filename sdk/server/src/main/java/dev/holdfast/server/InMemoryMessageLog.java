package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** A {@link MessageLog} in the heap, with ids such as {@code e1-17}: the epoch, and a count that starts at one. */
public final class InMemoryMessageLog implements MessageLog {
    /** More digits than any log's count can reach, few enough for a long. */
    private static final int MAX_DIGITS = 18;

    private static final long FOREIGN_NUMBER = -1;

    private final String prefix;
    private final int limit;

    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Long, StreamMessage> messages = new TreeMap<>();
    private long last;
    private long trimmedThrough;

    /**
     * Creates an empty log.
     *
     * @param epoch the prefix of the ids: 1 to 32 letters and digits
     * @param limit the maximum number of messages kept
     */
    public InMemoryMessageLog(String epoch, int limit) {
        if (!epoch.matches("[0-9A-Za-z]{1,32}")) {
            throw new IllegalArgumentException("not an epoch: " + epoch);
        }
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit);
        }
        this.prefix = epoch + "-";
        this.limit = limit;
    }

    @Override
    public String append(StreamMessage message) {
        lock.lock();
        try {
            last++;
            messages.put(last, message);
            while (messages.size() > limit) {
                trimmedThrough = messages.pollFirstEntry().getKey();
            }
            return prefix + last;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Read readAfter(String position, int max) {
        lock.lock();
        try {
            long number = number(position);
            Place place = place(number);
            if (place != Place.HELD) {
                return new Read(place, List.of());
            }
            List<Entry> entries = new ArrayList<>();
            long bytes = 0;
            for (var entry : messages.tailMap(number, false).entrySet()) {
                if (entries.size() == max || bytes >= MAX_READ_BYTES) {
                    break;
                }
                Entry next = new Entry(prefix + entry.getKey(), entry.getValue());
                entries.add(next);
                bytes += next.size();
            }
            return new Read(Place.HELD, entries);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int trimThrough(String position) {
        lock.lock();
        try {
            long number = number(position);
            if (place(number) != Place.HELD) {
                return 0;
            }
            var acknowledged = messages.headMap(number, true);
            int count = acknowledged.size();
            acknowledged.clear();
            trimmedThrough = number;
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String lastId() {
        lock.lock();
        try {
            return prefix + last;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Place locate(String position) {
        lock.lock();
        try {
            return place(number(position));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isPosition(String candidate) {
        return number(candidate) != FOREIGN_NUMBER;
    }

    @Override
    public int compare(String left, String right) {
        long leftNumber = number(left);
        long rightNumber = number(right);
        if (leftNumber == FOREIGN_NUMBER || rightNumber == FOREIGN_NUMBER) {
            throw new IllegalArgumentException("not of this log: " + left + " or " + right);
        }
        return Long.compare(leftNumber, rightNumber);
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return messages.size();
        } finally {
            lock.unlock();
        }
    }

    private Place place(long number) {
        if (number == FOREIGN_NUMBER || number > last) {
            return Place.FOREIGN;
        }
        return number < trimmedThrough ? Place.TRIMMED : Place.HELD;
    }

    private long number(String position) {
        if (!position.startsWith(prefix)) {
            return FOREIGN_NUMBER;
        }
        String digits = position.substring(prefix.length());
        if (digits.isEmpty() || digits.length() > MAX_DIGITS || (digits.length() > 1 && digits.startsWith("0"))) {
            return FOREIGN_NUMBER;
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return FOREIGN_NUMBER;
            }
        }
        return Long.parseLong(digits);
    }
}
