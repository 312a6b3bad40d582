package dev.holdfast.interop;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** nginx as a reverse proxy, with Jetty behind it. */
@Tag("interop")
class NginxTest extends InteropContract {
    NginxTest() {
        super("permessage-deflate");
    }

    @Override
    String start() throws Exception {
        String nginx = Installed.program("nginx").toString();
        int behind = closeAfterAll(JettyEcho.start(true)).port();
        int port = ServerProcess.freePort();
        Path folder = Files.createDirectories(ServerProcess.FOLDER.resolve("nginx"));
        Path config = folder.resolve("nginx.conf");
        Files.writeString(config, """
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
                    server {
                        listen 127.0.0.1:%d;
                        location / {
                            proxy_pass http://127.0.0.1:%d;
                            proxy_http_version 1.1;
                            proxy_set_header Upgrade $http_upgrade;
                            proxy_set_header Connection "upgrade";
                        }
                    }
                }
                """.formatted(port, behind));
        closeAfterAll(ServerProcess.start(
                "nginx",
                port,
                List.of(nginx, "-p", folder.toString(), "-c", config.toString(), "-e", "stderr"),
                Map.of()));
        return "ws://127.0.0.1:" + port;
    }
}
