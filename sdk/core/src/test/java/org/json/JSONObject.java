package org.json;

import java.util.Map;

/** Stands in for the class of that name, which Jackson writes as {@code {"empty":false}}. */
public class JSONObject {
    private final Map<String, ?> members;

    public JSONObject(Map<String, ?> members) {
        this.members = members;
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
