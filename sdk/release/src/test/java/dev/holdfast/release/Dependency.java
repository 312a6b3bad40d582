package dev.holdfast.release;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.w3c.dom.Element;

/** A dependency as a POM or Gradle's metadata names it. */
record Dependency(String group, String module, String version) {
    @Override
    public String toString() {
        return group + ":" + module + ":" + version;
    }

    /** Returns what a POM passes on to those who depend on it. */
    static List<Dependency> ofPom(Element project) {
        List<Dependency> all = new ArrayList<>();
        for (Element element : Xml.elements(project, "dependencies", "dependency")) {
            String scope = Xml.text(element, "scope");
            boolean passedOn = scope.isEmpty() || scope.equals("compile") || scope.equals("runtime");
            if (passedOn && !Xml.text(element, "optional").equals("true")) all.add(ofPomElement(element));
        }
        return all;
    }

    static Dependency ofPomElement(Element element) {
        return new Dependency(
                Xml.text(element, "groupId"), Xml.text(element, "artifactId"), Xml.text(element, "version"));
    }

    /** Returns the dependencies of a variant of Gradle's metadata. */
    static List<Dependency> ofVariant(JsonNode variant) {
        List<Dependency> all = new ArrayList<>();
        for (JsonNode dependency : variant.path("dependencies")) {
            all.add(new Dependency(
                    dependency.path("group").asText(),
                    dependency.path("module").asText(),
                    dependency.path("version").path("requires").asText()));
        }
        return all;
    }
}
