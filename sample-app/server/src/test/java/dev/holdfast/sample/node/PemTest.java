package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemTest {
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder();

    @TempDir
    private Path folder;

    /** Makes a key and a certificate that it signs, with the JDK's own tool, and returns the file that holds both. */
    private Path pem(String name, String algorithm) throws Exception {
        Path store = folder.resolve(name + ".p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=test",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        KeyStore made = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        String certificate = block("CERTIFICATE", made.getCertificate("a").getEncoded());
        String key =
                block("PRIVATE KEY", made.getKey("a", "secret".toCharArray()).getEncoded());
        return Files.writeString(folder.resolve(name + ".pem"), certificate + key);
    }

    private static String block(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + BASE64.encodeToString(content) + "\n-----END " + type + "-----\n";
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static String refusal(Path certificate, Path key) {
        return assertThrows(GeneralSecurityException.class, () -> Pem.keyStore(certificate, key))
                .getMessage();
    }

    @Test
    void aPairIsRead() throws Exception {
        Path pair = pem("one", "EC");
        assertEquals(1, Pem.keyStore(pair, pair).getCertificateChain("holdfast").length);
    }

    @Test
    void whatIsNoPairIsExplained() throws Exception {
        Path one = pem("one", "EC");
        Path other = file(
                "other.pem",
                block(
                        "PRIVATE KEY",
                        KeyPairGenerator.getInstance("EC")
                                .generateKeyPair()
                                .getPrivate()
                                .getEncoded()));
        assertEquals("the key in " + other + " is not that of the certificate", refusal(one, other));
        Path rsa = file(
                "rsa.pem",
                block(
                        "PRIVATE KEY",
                        KeyPairGenerator.getInstance("RSA")
                                .generateKeyPair()
                                .getPrivate()
                                .getEncoded()));
        assertEquals("the key in " + rsa + " is not that of the certificate", refusal(one, rsa));
        Path old = file("old.pem", block("RSA PRIVATE KEY", new byte[9]));
        assertTrue(refusal(one, old).endsWith("convert it: openssl pkcs8 -topk8 -nocrypt -in " + old));
        Path empty = file("empty.pem", "");
        assertEquals(empty + " holds no private key", refusal(one, empty));
        assertEquals(empty + " holds no certificate", refusal(empty, one));
        Path text = file("text.pem", "hello");
        assertEquals(text + " holds no certificate", refusal(text, one));
    }
}
