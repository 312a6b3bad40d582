package dev.holdfast.sample.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** A proxy of another project in its own process, with a configuration of the caller's. */
public final class ProxyProcess implements AutoCloseable {
    /** A host name that Squid resolves to this machine, and nobody else resolves. */
    public static final String HOST_OF_SQUID = "live.holdfast.test";

    /** The proxies. Each is a Debian package of its name. */
    public enum Program {
        NGINX("nginx") {
            @Override
            String configuration(String given) {
                return """
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
                        %s
                        }
                        """.formatted(given);
            }

            @Override
            List<String> arguments(Path folder, Path file) {
                return List.of("-p", folder.toString(), "-c", file.toString(), "-e", "stderr");
            }
        },
        HAPROXY("haproxy") {
            @Override
            List<String> arguments(Path folder, Path file) {
                return List.of("-db", "-f", file.toString());
            }
        },
        SQUID("squid") {
            @Override
            String configuration(String given) {
                return """
                        %s
                        access_log none
                        cache_log /dev/null
                        cache deny all
                        netdb_filename none
                        pid_filename none
                        pinger_enable off
                        coredump_dir .
                        hosts_file hosts
                        max_filedescriptors 1024
                        """.formatted(given);
            }

            @Override
            List<String> arguments(Path folder, Path file) {
                return List.of("-N", "-d", "1", "-f", file.toString());
            }
        };

        private final String program;

        Program(String program) {
            this.program = program;
        }

        /** Returns the name of the program. */
        public String program() {
            return program;
        }

        /** Returns the whole configuration for the part that a caller gives. */
        String configuration(String given) {
            return given;
        }

        abstract List<String> arguments(Path folder, Path file);
    }

    private final int port;
    private final ChildProcess process;

    private ProxyProcess(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * Starts a proxy and waits until it listens.
     *
     * @param configuration returns the configuration for the port at which the proxy must listen; for nginx what is inside
     *     {@code http}
     */
    public static ProxyProcess start(Program program, IntFunction<String> configuration) {
        int port = ChildProcess.freePort();
        Path folder = ChildProcess.newFolder();
        Path file = folder.resolve("configuration");
        try {
            // A proxy that root starts becomes another user.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.writeString(folder.resolve("hosts"), "127.0.0.1 " + HOST_OF_SQUID + "\n", StandardCharsets.UTF_8);
            Files.writeString(file, program.configuration(configuration.apply(port)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(Programs.require(program.program())));
        command.addAll(program.arguments(folder, file));
        return new ProxyProcess(port, ChildProcess.start(folder, port, command));
    }

    /** Returns the port at which the proxy listens. */
    public int port() {
        return port;
    }

    /** Returns the URL of the reference server's WebSocket behind a proxy that forwards to it. */
    public String url() {
        return "ws://127.0.0.1:" + port + "/live";
    }

    @Override
    public void close() {
        process.close();
    }
}
