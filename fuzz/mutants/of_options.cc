// What the arguments are taken for.
#include "fuzz/mutants/dictionary.h"
#include "fuzz/mutants/rewrite.h"

namespace gridproof::dictionary {
namespace {

auto mode(Mode from, Mode to) {
  return asks([from, to](Case test_case) {
    if (options_of(test_case).mode == from) test_case.request.mode = name(to);
    return test_case;
  });
}

auto padding(Padding from, Padding to) {
  return asks([from, to](Case test_case) {
    if (options_of(test_case).padding == from) test_case.request.padding_mode = name(to);
    return test_case;
  });
}

auto align_corners(bool value) {
  return asks([value](Case test_case) {
    test_case.request.align_corners = value;
    return test_case;
  });
}

}  // namespace

std::vector<Mutant> of_options() {
  return {
      mutant({"mode.unknown-as-nearest",
              "options.mode",
              "an unknown mode is answered as nearest",
              "grid_sample mode=lanczos padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,0}",
              {{"onnx-tensorrt, with the names of opset 20",
                "https://github.com/NVIDIA/TensorRT/issues/4646"}}},
             asks([](Case test_case) {
               auto& mode = test_case.request.mode;
               if (mode && !parse<Mode>(*mode)) mode = name(Mode::nearest);
               return test_case;
             })),
      mutant({"mode.bilinear-as-nearest",
              "bilinear.weights",
              "bilinear takes the nearest pixel",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{-1,0}",
              {{"Torch-TensorRT before the fix", "https://github.com/pytorch/TensorRT/pull/3340"}}},
             mode(Mode::bilinear, Mode::nearest)),
      mutant({"mode.nearest-as-bilinear",
              "nearest.texel",
              "nearest interpolates",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,0.5}",
              {{"Torch-TensorRT before the fix", "https://github.com/pytorch/TensorRT/pull/3340"}}},
             mode(Mode::nearest, Mode::bilinear)),
      mutant({"mode.bicubic-as-bilinear", "bicubic.kernel", "bicubic is answered as bilinear",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,16]{0*57,1,0*6} "
              "grid=f32[1,1,1,2]{0,0}"},
             mode(Mode::bicubic, Mode::bilinear)),
      mutant({"mode.bicubic-as-nearest", "bicubic.kernel", "bicubic is answered as nearest",
              "grid_sample mode=bicubic padding_mode=zeros input=f32[1,1,4,4]{1..16} "
              "grid=f32[1,1,1,2]{0,0}"},
             mode(Mode::bicubic, Mode::nearest)),
      extension({"mode.bicubic-5d-as-linear", "options.bicubic-4d",
                 "bicubic on 5-D input is answered as trilinear",
                 "grid_sample mode=bicubic padding_mode=zeros align_corners=False "
                 "input=f32[1,1,1,1,1]{0} grid=f32[1,1,1,1,3]{0,0,0}"},
                asks([](Case test_case) {
                  if (test_case.input.rank() == 5 && test_case.request.mode == "bicubic") {
                    test_case.request.mode = name(Mode::bilinear);
                  }
                  return test_case;
                })),
      mutant({"padding.unknown-as-zeros", "options.padding-mode",
              "an unknown padding mode is answered as zeros",
              "grid_sample mode=bilinear padding_mode=wrap align_corners=False "
              "input=f32[1,1,1,1]{0} grid=f32[1,1,1,2]{0,0}"},
             asks([](Case test_case) {
               auto& padding = test_case.request.padding_mode;
               if (padding && !parse<Padding>(*padding)) padding = name(Padding::zeros);
               return test_case;
             })),
      mutant({"padding.zeros-as-border", "padding.zeros", "zeros padding repeats the edge",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-8}"},
             padding(Padding::zeros, Padding::border)),
      mutant({"padding.zeros-as-reflection", "padding.zeros", "zeros padding reflects",
              "grid_sample mode=nearest padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-8}"},
             padding(Padding::zeros, Padding::reflection)),
      mutant({"padding.border-as-zeros", "padding.border", "border padding gives zeros",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{2,0}"},
             padding(Padding::border, Padding::zeros)),
      mutant({"padding.border-as-reflection", "padding.border", "border padding reflects",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{2,0}"},
             padding(Padding::border, Padding::reflection)),
      mutant({"padding.reflection-as-border", "padding.reflection", "reflection repeats the edge",
              "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{0,-2}"},
             padding(Padding::reflection, Padding::border)),
      mutant({"padding.reflection-as-zeros", "padding.reflection", "reflection gives zeros",
              "grid_sample mode=nearest padding_mode=reflection align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{1.25,0}"},
             padding(Padding::reflection, Padding::zeros)),
      mutant({"align.flipped", "options.align-corners", "align_corners is inverted",
              "grid_sample mode=bilinear padding_mode=border align_corners=False "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0.5}"},
             asks([](Case test_case) {
               test_case.request.align_corners = !test_case.request.align_corners.value_or(false);
               return test_case;
             })),
      mutant({"align.always-true",
              "coord.corners",
              "align_corners=False is ignored",
              "grid_sample mode=bilinear padding_mode=zeros align_corners=False "
              "input=f32[1,1,1,1]{1} grid=f32[1,1,1,2]{0,-2}",
              {{"torch-mlir once", "https://github.com/llvm/torch-mlir/issues/3157"}}},
             align_corners(true)),
      mutant({"align.always-false", "coord.centers", "align_corners=True is ignored",
              "grid_sample mode=bilinear padding_mode=border align_corners=True "
              "input=f32[1,1,2,1]{1,2} grid=f32[1,1,1,2]{2,0.5}"},
             align_corners(false)),
      mutant({"default.mode-nearest", "options.defaults", "the default mode is nearest",
              "grid_sample padding_mode=border align_corners=True input=f32[1,1,2,1]{1,2} "
              "grid=f32[1,1,1,2]{8,0}"},
             asks([](Case test_case) {
               if (!test_case.request.mode) test_case.request.mode = name(Mode::nearest);
               return test_case;
             })),
      mutant({"default.padding-border",
              "options.defaults",
              "the default padding mode is border",
              "grid_sample mode=bicubic align_corners=True input=f32[1,1,1,2]{1,1} "
              "grid=f32[1,1,1,2]{0x1p+91,0}",
              {{"burn before 4084", "https://github.com/tracel-ai/burn/pull/4084"}}},
             asks([](Case test_case) {
               if (!test_case.request.padding_mode) {
                 test_case.request.padding_mode = name(Padding::border);
               }
               return test_case;
             })),
      mutant(
          {"default.align-true",
           "options.defaults",
           "the default of align_corners is True",
           "grid_sample mode=nearest padding_mode=reflection input=f32[1,1,6,1]{1..6} "
           "grid=f32[1,1,1,2]{0,-0.75}",
           {{"PyTorch up to 1.2",
             "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html"},
            {"PaddlePaddle",
             "https://www.paddlepaddle.org.cn/documentation/docs/en/api/paddle/nn/functional/"
             "grid_sample_en.html"}}},
          asks([](Case test_case) {
            if (!test_case.request.align_corners) test_case.request.align_corners = true;
            return test_case;
          })),
  };
}

}  // namespace gridproof::dictionary
