// SPDX-License-Identifier: GPL-3.0-or-later
// What the plugin's window sees of the plugin, which runs in the same process.
#pragma once

#include <cstdint>
#include <string>

namespace tonewright {

class Panel {
public:
    virtual ~Panel() = default;

    // "name" of the chain and "status", for people.
    virtual std::string panel_text(const std::string& key) const = 0;
    // "next" or "previous" (a chain), "open" (the desktop).
    virtual void panel_ask(const std::string& verb) = 0;
    virtual uint32_t panel_misses() const = 0;
    virtual bool panel_connected() const = 0;
};

}  // namespace tonewright
