package dev.holdfast.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Tag;

/** TLS through Squid, by CONNECT, to Undertow. Squid alone knows where the host is, so nobody gets there without it. */
@Tag("interop")
class SquidTest extends InteropContract {
    private static final String HOST = "live.holdfast.test";

    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(1).build();
    private int proxyPort;

    SquidTest() {
        super("permessage-deflate");
    }

    @Override
    String start() throws Exception {
        String squid = Installed.program("squid").toString();
        HeldCertificate own = new HeldCertificate.Builder()
                .signedBy(authority)
                .addSubjectAlternativeName(HOST)
                .build();
        HandshakeCertificates shown = new HandshakeCertificates.Builder()
                .heldCertificate(own, authority.certificate())
                .build();
        int port = closeAfterAll(UndertowEcho.start(true, shown.sslContext())).port();

        proxyPort = ServerProcess.freePort();
        Path folder = closeAfterAll(new PublicFolder()).path;
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 " + HOST + "\n");
        Path config = Files.writeString(folder.resolve("squid.conf"), """
                http_port 127.0.0.1:%d
                http_access allow CONNECT
                http_access deny all
                hosts_file %s
                access_log none
                cache_log /dev/null
                cache deny all
                netdb_filename none
                pid_filename none
                pinger_enable off
                coredump_dir %s
                max_filedescriptors 1024
                """.formatted(proxyPort, hosts, folder));
        closeAfterAll(ServerProcess.start(
                "squid", proxyPort, List.of(squid, "-N", "-d", "1", "-f", config.toString()), Map.of()));
        return "wss://" + HOST + ":" + port;
    }

    @Override
    void configure(OkHttpClient.Builder builder) {
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
        builder.sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                .proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), proxyPort)));
    }

    /** What root starts becomes another user, who may not enter everybody's folders. */
    private static final class PublicFolder implements AutoCloseable {
        final Path path = Files.createTempDirectory("holdfast-squid");

        PublicFolder() throws IOException {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }

        @Override
        public void close() throws IOException {
            for (String name : List.of("hosts", "squid.conf")) Files.deleteIfExists(path.resolve(name));
            Files.delete(path);
        }
    }
}
