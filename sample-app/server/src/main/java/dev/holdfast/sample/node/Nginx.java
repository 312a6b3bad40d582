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
                    listen 127.0.0.1:%d;

                    location /live {
                        proxy_pass http://holdfast;
                        proxy_http_version 1.1;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection "upgrade";
                        proxy_set_header Host $host;
                        proxy_connect_timeout 1s;
                        proxy_read_timeout 10m;
                        proxy_buffering off;
                    }
                }
            }
            """;

    private final int port;
    private final ChildProcess process;

    private Nginx(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    public static Nginx before(int one, int other) {
        int port = ChildProcess.freePort();
        Path folder = ChildProcess.newFolder();
        Path file = folder.resolve("nginx.conf");
        try {
            Files.writeString(file, CONFIGURATION.formatted(one, other, port), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command =
                List.of(Programs.require(PROGRAM), "-p", folder.toString(), "-c", file.toString(), "-e", "stderr");
        return new Nginx(port, ChildProcess.start(folder, port, command));
    }

    /** Returns the URL to connect to. */
    public String url() {
        return "ws://127.0.0.1:" + port + "/live";
    }

    @Override
    public void close() {
        process.close();
    }
}
