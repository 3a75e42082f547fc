// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's window: the chain, how it goes, and what can be set, drawn plainly.
#include <string>
#include <vector>

#include "DistrhoPlugin.hpp"
#include "DistrhoUI.hpp"
#include "panel.hpp"
#include "parameters.hpp"

START_NAMESPACE_DISTRHO

static const Color kBackground(32, 33, 36);
static const Color kButton(58, 60, 66);
static const Color kLit(196, 122, 52);
static const Color kText(232, 232, 232);
static const Color kDim(160, 162, 166);
static const Color kGood(110, 190, 120);

class TonewrightUI : public UI {
public:
    TonewrightUI()
        : UI(DISTRHO_UI_DEFAULT_WIDTH, DISTRHO_UI_DEFAULT_HEIGHT),
          panel_(dynamic_cast<tonewright::Panel*>(
              static_cast<Plugin*>(getPluginInstancePointer()))) {
        loadSharedResources();
        setGeometryConstraints(DISTRHO_UI_DEFAULT_WIDTH, DISTRHO_UI_DEFAULT_HEIGHT, true);
        for (uint32_t i = 0; i < kParameterCount; ++i) {
            Parameter parameter;
            describe_parameter(i, parameter);
            values_[i] = parameter.ranges.def;
        }
        buttons_ = {{{14, 44, 34, 30}, "<", kNone, "previous"},
                    {{412, 44, 34, 30}, ">", kNone, "next"},
                    {{14, 122, 210, 30}, "", kMode, ""},
                    {{236, 122, 210, 30}, "Capture", kCapture, ""},
                    {{14, 160, 210, 30}, "", kLatency, ""},
                    {{236, 160, 210, 30}, "", kWhenLate, ""},
                    {{236, 198, 210, 26}, "Open Tonewright", kNone, "open"}};
    }

protected:
    void parameterChanged(uint32_t index, float value) override {
        if (index < kParameterCount) values_[index] = value;
        repaint();
    }

    void stateChanged(const char*, const char*) override {}

    void uiIdle() override {
        if (panel_ == nullptr) return;
        const std::string now = panel_->panel_text("name") + panel_->panel_text("status") +
                                std::to_string(panel_->panel_misses()) +
                                (panel_->panel_connected() ? "1" : "0");
        if (now == shown_) return;
        shown_ = now;
        repaint();
    }

    void onNanoDisplay() override {
        beginPath();
        rect(0, 0, getWidth(), getHeight());
        fillColor(kBackground);
        fill();
        text(14, 24, 14, "Tonewright", kDim, ALIGN_LEFT);
        const bool connected = panel_ != nullptr && panel_->panel_connected();
        const std::string name = panel_ != nullptr ? panel_->panel_text("name") : "";
        text(DISTRHO_UI_DEFAULT_WIDTH / 2, 60, 20, name.empty() ? "no chain" : name, kText,
             ALIGN_CENTER);
        const std::string status = panel_ != nullptr ? panel_->panel_text("status") : "";
        text(14, 100, 14, status, connected ? kGood : kLit, ALIGN_LEFT);
        if (panel_ != nullptr) {
            const uint32_t misses = panel_->panel_misses();
            text(14, 211, 14, std::to_string(misses) + (misses == 1 ? " miss" : " misses"),
                 misses > 0 ? kLit : kDim, ALIGN_LEFT);
        }
        for (const Button& button : buttons_) draw(button);
    }

    bool onMouse(const MouseEvent& event) override {
        if (!event.press || event.button != 1) return false;
        for (const Button& button : buttons_) {
            if (!button.area.contains(event.pos)) continue;
            if (button.parameter == kNone) {
                if (panel_ != nullptr) panel_->panel_ask(button.verb);
            } else {
                step(button.parameter);
            }
            return true;
        }
        return false;
    }

private:
    static constexpr uint32_t kNone = kParameterCount;

    struct Button {
        Rectangle<double> area;
        std::string label;  // empty: the value of the parameter
        uint32_t parameter;
        std::string verb;
    };

    // Every parameter has few values: a click goes on to the next one.
    void step(uint32_t index) {
        Parameter parameter;
        describe_parameter(index, parameter);
        const float next = values_[index] + 1.0f;
        values_[index] = next > parameter.ranges.max ? parameter.ranges.min : next;
        editParameter(index, true);
        setParameterValue(index, values_[index]);
        editParameter(index, false);
        repaint();
    }

    std::string label_of(const Button& button) const {
        if (!button.label.empty()) return button.label;
        Parameter parameter;
        describe_parameter(button.parameter, parameter);
        const uint32_t value = choice(values_[button.parameter], parameter.enumValues.count);
        return std::string(parameter.name) + ": " +
               std::string(parameter.enumValues.values[value].label);
    }

    void draw(const Button& button) {
        const bool lit = button.parameter == kCapture && values_[kCapture] > 0.5f;
        beginPath();
        roundedRect(button.area.getX(), button.area.getY(), button.area.getWidth(),
                    button.area.getHeight(), 4);
        fillColor(lit ? kLit : kButton);
        fill();
        text(button.area.getX() + button.area.getWidth() / 2,
             button.area.getY() + button.area.getHeight() / 2, 14, label_of(button), kText,
             ALIGN_CENTER);
    }

    void text(float x, float y, float size, const std::string& words, const Color& color,
              int align) {
        fontSize(size);
        fillColor(color);
        textAlign(align | ALIGN_MIDDLE);
        NanoVG::text(x, y, words.c_str(), nullptr);
    }

    tonewright::Panel* const panel_;
    float values_[kParameterCount];
    std::vector<Button> buttons_;
    std::string shown_;

    DISTRHO_DECLARE_NON_COPYABLE_WITH_LEAK_DETECTOR(TonewrightUI)
};

UI* createUI() { return new TonewrightUI(); }

END_NAMESPACE_DISTRHO
