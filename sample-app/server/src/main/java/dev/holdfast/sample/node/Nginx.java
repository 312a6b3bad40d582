package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A private nginx in front of two servers. It sends each connection to either, regardless of which one held the session
 * before.
 */
public final class Nginx implements AutoCloseable {
    public static final String PROGRAM = "nginx";

    private static final String CONFIGURATION_FILE = "nginx.conf";

    /** The settings that matter are also described in docs/servers.md. */
    private static final String CONFIGURATION = """
            daemon off;
            master_process off;
            pid nginx.pid;
            events {}
            http {
                access_log off;
                client_body_temp_path client;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;

                upstream holdfast {
                    server 127.0.0.1:%d max_fails=0;
                    server 127.0.0.1:%d max_fails=0;
                }

                server {
                    listen 127.0.0.1:%d%s;

                    location /live {
                        proxy_pass http://holdfast;
                        proxy_http_version 1.1;
                        proxy_set_header Host $host;
                        proxy_connect_timeout 1s;
                        proxy_read_timeout 10m;
                        %s
                    }
                }
            }
            """;

    private static final String UPGRADES = """
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_buffering off;
            """;

    /** As nginx is without settings: it forwards no upgrade, and it buffers what the server does not ask it to pass on. */
    private static final String PLAIN = "proxy_buffering on;";

    /** Holds answers back until they are complete, or buffers are full. */
    private static final String BUFFERING = """
            proxy_buffering on;
            proxy_ignore_headers X-Accel-Buffering;
            """;

    private final int port;
    private final Path folder;
    private ChildProcess process;

    private Nginx(int port, Path folder) {
        this.port = port;
        this.folder = folder;
        this.process = run();
    }

    public static Nginx before(int one, int other) {
        return start(one, other, "", UPGRADES);
    }

    /** Starts an nginx that forwards no upgrade. */
    public static Nginx withoutUpgrades(int one, int other) {
        return start(one, other, "", PLAIN);
    }

    /** Starts an nginx that speaks HTTP/2 without TLS, to clients that know it. */
    public static Nginx http2(int one, int other) {
        return start(one, other, " http2", PLAIN);
    }

    /** Starts an nginx that forwards no upgrade, and holds answers back. */
    public static Nginx buffering(int one, int other) {
        return start(one, other, "", BUFFERING);
    }

    private static Nginx start(int one, int other, String listen, String location) {
        int port = ChildProcess.freePort();
        Path folder = ChildProcess.newFolder();
        Path file = folder.resolve(CONFIGURATION_FILE);
        try {
            Files.writeString(
                    file, CONFIGURATION.formatted(one, other, port, listen, location), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Nginx(port, folder);
    }

    private ChildProcess run() {
        String file = folder.resolve(CONFIGURATION_FILE).toString();
        return ChildProcess.start(
                folder, port, List.of(Programs.require(PROGRAM), "-p", folder.toString(), "-c", file, "-e", "stderr"));
    }

    /** Kills the process, as {@code kill -9} does. */
    public synchronized void kill() {
        process.kill();
    }

    public synchronized void startAgain() {
        process = run();
    }

    /** Returns the URL to connect to. */
    public String url() {
        return "ws://127.0.0.1:" + port + "/live";
    }

    @Override
    public synchronized void close() {
        process.close();
    }
}
