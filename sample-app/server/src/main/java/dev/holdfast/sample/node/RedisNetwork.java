package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A Redis in a network namespace of its own, and a link to it on which packets can be dropped. Unlike a proxy, which ends or
 * takes connections, a link that drops packets says nothing to either side: no reset, no refusal. TCP tries again by itself
 * when the link is back.
 *
 * <p>There are several ways over the link, each with an address of Redis' own, so that one server can be cut off while
 * the others go on.
 */
public final class RedisNetwork implements AutoCloseable {
    private static final int WAYS = 3;

    private final String name;
    private final List<String> addresses;
    private final RedisServer redis;
    private final Thread atExit;

    private RedisNetwork(String name, List<String> addresses, Thread atExit) {
        this.name = name;
        this.addresses = addresses;
        this.atExit = atExit;
        this.redis = RedisServer.at(addresses, List.of(ip(), "netns", "exec", name));
    }

    /** Returns which program is not installed, or empty if none is missing. */
    public static Optional<String> missing() {
        if (Programs.find("ip").isEmpty()) return Optional.of("ip is not installed; Debian's package iproute2 has it");
        if (Programs.find("nft").isEmpty())
            return Optional.of("nft is not installed; Debian's package nftables has it");
        return Optional.empty();
    }

    /** Returns why this machine does not let this process make a network namespace and filter in it, or empty if it does. */
    public static Optional<String> refusal() {
        String probe = newName() + "p";
        try {
            run("", ip(), "netns", "add", probe);
            try {
                run("", ip(), "netns", "exec", probe, nft(), "list", "ruleset");
            } finally {
                run("", ip(), "netns", "delete", probe);
            }
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of("no network namespaces here: " + e.getMessage());
        }
    }

    /** Starts a Redis that keeps nothing on disk. */
    public static RedisNetwork start() {
        // Addresses for tests of networks (RFC 2544), another eight for each process.
        long pid = ProcessHandle.current().pid();
        String net = "198." + (18 + ((pid >> 13) & 1)) + "." + ((pid >> 5) & 0xff) + ".";
        int first = (int) (pid & 0x1f) * 8;
        String name = newName();
        Thread atExit = new Thread(() -> remove(name));
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            run("", ip(), "netns", "add", name);
            run("", ip(), "link", "add", name, "type", "veth", "peer", "name", "redis", "netns", name);
            run("", ip(), "address", "add", net + (first + 1) + "/29", "dev", name);
            run("", ip(), "link", "set", name, "up");
            List<String> addresses = IntStream.range(0, WAYS)
                    .mapToObj(way -> net + (first + 2 + way))
                    .toList();
            for (String address : addresses) {
                run("", ip(), "-n", name, "address", "add", address + "/29", "dev", "redis");
            }
            run("", ip(), "-n", name, "link", "set", "redis", "up");
            return new RedisNetwork(name, addresses, atExit);
        } catch (RuntimeException e) {
            forget(atExit);
            remove(name);
            throw e;
        }
    }

    private static String newName() {
        return "hf" + ProcessHandle.current().pid();
    }

    public RedisServer redis() {
        return redis;
    }

    /** Returns the address of its first database on one of the ways, which are numbered from 0. */
    public String address(int way) {
        return "redis://" + addresses.get(way) + ":" + redis.port() + "/0";
    }

    /** Drops all packets on a way, in both directions. */
    public void cut(int way) {
        String address = addresses.get(way);
        run("""
                table ip way%d {
                    chain in { type filter hook input priority 0; ip daddr %s drop; }
                    chain out { type filter hook output priority 0; ip saddr %s drop; }
                }
                """.formatted(way, address, address), ip(), "netns", "exec", name, nft(), "-f", "-");
    }

    /** Lets the packets on a way pass again. */
    public void mend(int way) {
        run("", ip(), "netns", "exec", name, nft(), "delete", "table", "ip", "way" + way);
    }

    @Override
    public void close() {
        redis.close();
        forget(atExit);
        remove(name);
    }

    private static void forget(Thread atExit) {
        try {
            boolean unused = Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // This process is about to exit, and its shutdown hook will do the same.
        }
    }

    /** Removes the link itself too: the kernel removes what is in a namespace some time after the namespace. */
    private static void remove(String name) {
        removeIfThere(ip(), "link", "delete", name);
        removeIfThere(ip(), "netns", "delete", name);
    }

    private static void removeIfThere(String... command) {
        try {
            run("", command);
        } catch (IllegalStateException e) {
            // It was not made.
        }
    }

    private static String ip() {
        return Programs.require("ip");
    }

    private static String nft() {
        return Programs.require("nft");
    }

    private static void run(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed: " + output.trim());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command[0] + " ran", e);
        }
    }
}
