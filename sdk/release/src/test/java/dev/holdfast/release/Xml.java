package dev.holdfast.release;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Comment;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** The part of XML that the checks need: children by name, and their text. */
final class Xml {
    private Xml() {}

    static Document parse(byte[] bytes) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalArgumentException("not XML: " + e.getMessage(), e);
        }
    }

    /** Returns the elements at the end of a path of names below {@code from}. */
    static List<Element> elements(Element from, String... path) {
        List<Element> found = List.of(from);
        for (String name : path) {
            List<Element> next = new ArrayList<>();
            for (Element element : found) {
                for (Node node : nodes(element)) {
                    if (node instanceof Element child && child.getTagName().equals(name)) next.add(child);
                }
            }
            found = next;
        }
        return found;
    }

    /** Returns the text of the first element at the end of a path; empty if there is none. */
    static String text(Element from, String... path) {
        List<Element> found = elements(from, path);
        return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
    }

    /** Returns the comments directly below an element. */
    static List<String> comments(Element element) {
        return nodes(element).stream()
                .filter(Comment.class::isInstance)
                .map(node -> node.getTextContent().strip())
                .toList();
    }

    private static List<Node> nodes(Element element) {
        List<Node> nodes = new ArrayList<>();
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) nodes.add(node);
        return nodes;
    }
}
