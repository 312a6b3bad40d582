plugins {
    id("com.android.application")
}

android {
    namespace = "dev.holdfast.sample.android"
    compileSdk = 36

    defaultConfig {
        applicationId = "dev.holdfast.sample.android"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    implementation("dev.holdfast:holdfast-android:0.1.0-SNAPSHOT")
}
