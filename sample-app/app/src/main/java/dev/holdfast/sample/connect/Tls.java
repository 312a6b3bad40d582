package dev.holdfast.sample.connect;

import dev.holdfast.sample.node.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** The certificates that a client trusts, and the one it presents. */
final class Tls {
    private static final char[] NO_PASSWORD = {};

    private Tls() {}

    /**
     * Sets the certificates.
     *
     * @throws IllegalArgumentException if a file does not hold them; its message is a sentence for the user
     */
    static void configure(OkHttpClient.Builder client, ConnectOptions.Trust trust) {
        if (trust.equals(ConnectOptions.Trust.PLATFORM)) return;
        try {
            X509TrustManager trusted = trust.insecure() ? new Anything() : trusted(trust.ca());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(trust), new TrustManager[] {trusted}, null);
            client.sslSocketFactory(context.getSocketFactory(), trusted);
            if (trust.insecure()) client.hostnameVerifier((host, session) -> true);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("The certificates cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyManager @Nullable [] keys(ConnectOptions.Trust trust)
            throws GeneralSecurityException, IOException {
        Path certificate = trust.certificate();
        if (certificate == null) return null;
        Path key = trust.key();
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(Pem.keyStore(certificate, key == null ? certificate : key), NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static X509TrustManager trusted(@Nullable Path ca) throws GeneralSecurityException, IOException {
        X509TrustManager platform = manager(null);
        if (ca == null) return platform;
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        int number = 0;
        for (X509Certificate root : platform.getAcceptedIssuers()) {
            store.setCertificateEntry("platform-" + number++, root);
        }
        for (X509Certificate root : Pem.certificates(ca)) {
            store.setCertificateEntry("ca-" + number++, root);
        }
        return manager(store);
    }

    /** Returns what trusts the certificates of a store; null for those of the platform. */
    private static X509TrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) return found;
        }
        throw new GeneralSecurityException("this platform checks no certificates");
    }

    /** Trusts every certificate, as the user asked. The extended form keeps the platform from checking the host. */
    private static final class Anything extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
