package dev.holdfast.sample.node;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files. Exceptions have a sentence for the user as their message. */
public final class Pem {
    private static final Pattern CERTIFICATE = block("CERTIFICATE");
    private static final Pattern KEY = block("PRIVATE KEY");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN (RSA |EC |ENCRYPTED )PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = {};

    private Pem() {}

    private static Pattern block(String type) {
        return Pattern.compile("-----BEGIN " + type + "-----([A-Za-z0-9+/=\\s]+)-----END " + type + "-----");
    }

    /** Returns the certificates of a file, in its order. */
    public static List<X509Certificate> certificates(Path file) throws GeneralSecurityException, IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = CERTIFICATE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        while (block.find()) {
            byte[] encoded = Base64.getMimeDecoder().decode(block.group(1));
            certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
        }
        if (certificates.isEmpty()) throw new GeneralSecurityException(file + " holds no certificate");
        return certificates;
    }

    /**
     * Returns a store that holds a certificate and its key, without a password.
     *
     * @param certificate a file that begins with the certificate; those that it is signed with may follow
     * @param key a file with the private key in PKCS #8
     */
    public static KeyStore keyStore(Path certificate, Path key) throws GeneralSecurityException, IOException {
        List<X509Certificate> chain = certificates(certificate);
        PublicKey publicKey = chain.get(0).getPublicKey();
        PrivateKey privateKey = privateKey(key, publicKey.getAlgorithm());
        if (!isPair(publicKey, privateKey)) {
            throw new GeneralSecurityException("the key in " + key + " is not that of the certificate");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("holdfast", privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        return store;
    }

    /** Returns whether what one key signs is verified with the other. Otherwise each handshake fails for no plain reason. */
    private static boolean isPair(PublicKey publicKey, PrivateKey privateKey) throws GeneralSecurityException {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> publicKey.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(publicKey.getEncoded());
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(publicKey.getEncoded());
        return signature.verify(signed);
    }

    private static PrivateKey privateKey(Path file, String algorithm) throws GeneralSecurityException, IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (OTHER_KEY.matcher(text).find()) {
            throw new GeneralSecurityException(
                    "the key in " + file + " is not in PKCS #8 without a password; convert it:"
                            + " openssl pkcs8 -topk8 -nocrypt -in " + file);
        }
        Matcher key = KEY.matcher(text);
        if (!key.find()) throw new GeneralSecurityException(file + " holds no private key");
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException e) {
            throw new GeneralSecurityException("the key in " + file + " is not that of the certificate", e);
        }
    }
}
