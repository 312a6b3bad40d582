pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        // What `mvn -B -Prelease deploy` writes, see README.md; first, so that a snapshot comes from there.
        maven { url = uri("../../target/repository") }
        google()
        mavenCentral()
    }
}

rootProject.name = "holdfast-chat"
include(":app")
