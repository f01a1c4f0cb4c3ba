namespace Microsoft.ML.Diffusion.TestSupport;

/// <summary>TorchScript files with all that networks are made of: modules in modules, functions, lists, dictionaries, conditions, loops, constants. Objectives of pictures [1, 8, 8].</summary>
public static class TorchScriptSamples
{
    /// <summary>A small formula.</summary>
    public static Dictionary<string, byte[]> Formula => new TorchScriptArchive().Add("w", [0.5f], [1]).Entries("x0: Tensor", "d = torch.sub(x0, self.w)", "return torch.neg(torch.sum(torch.mul(d, d), [1, 2, 3]))");

    /// <summary>A convolutional network, in the words of torch.jit.save.</summary>
    public static Dictionary<string, byte[]> Network
    {
        get
        {
            var convolution = new ScriptObject(
                "__torch__.torch.nn.modules.conv.Conv2d",
                ("weight", new ScriptTensor([.. Enumerable.Range(0, 36).Select(i => MathF.Sin(i))], [4, 1, 3, 3])),
                ("bias", new ScriptTensor([0.1f, 0.2f, 0.3f, 0.4f], [4])),
                ("training", true),
                ("_is_full_backward_hook", null),
                ("_reversed_padding_repeated_twice", new List<object?> { 1L, 1L, 1L, 1L }));
            var activation = new ScriptObject("__torch__.torch.nn.modules.activation.SiLU", ("training", true));
            var block = new ScriptObject("__torch__.torch.nn.modules.container.Sequential", ("training", true), ("0", convolution), ("1", activation));
            var net = new ScriptObject("__torch__.Net", ("training", true), ("scale", 0.5), ("steps", 2L), ("mode", "plain"), ("sizes", new object?[] { 8L, 8L }), ("w", new ScriptTensor([1, 2, 3, 4], [4])), ("block", block));
            return ScriptZip.Entries(net, Code, new ScriptTensor([0.25f], [], Learns: false), new ScriptTensor([2, 3], [2], Learns: false));
        }
    }

    private static Dictionary<string, string> Code => new()
    {
        ["__torch__"] = """
            class Net(Module):
              __parameters__ = ["w", ]
              __buffers__ = []
              training : bool
              scale : float
              steps : int
              mode : str
              sizes : Tuple[int, int]
              w : Tensor
              block : __torch__.torch.nn.modules.container.Sequential
              groups : Final[int] = 2
              def forward(self: __torch__.Net,
                x0: Tensor) -> Tensor:
                _0 = __torch__.torch.nn.functional.group_norm
                _1 = "Expected 4 dimensions, got {}"
                if torch.ne(torch.dim(x0), 4):
                  ops.prim.RaiseException(torch.format(_1, torch.dim(x0)), "builtins.ValueError")
                else:
                  pass
                hs = annotate(List[Tensor], [])
                block = self.block
                h = (block).forward(x0, )
                steps = self.steps
                h0 = h
                for i in range(steps):
                  w = self.w
                  h1 = _0(h0, 2, torch.mul(w, torch.add(i, 1)), None, 1.0000000000000001e-05, )
                  h2 = (self).half(h1, )
                  _2 = torch.append(hs, h2)
                  h0 = h2
                scale = self.scale
                named = {"all": torch.cat(hs, 1)}
                all = named["all"]
                B, C, H, W, = torch.size(all)
                sizes = self.sizes
                rows, columns, = sizes
                _3 = torch.eq(torch.remainder(C, 8), 0)
                if _3:
                  flat = torch.view(all, [B, torch.floordiv(torch.mul(C, torch.mul(rows, columns)), 2), 2])
                else:
                  flat = torch.reshape(all, [B, -1, 2])
                sums = torch.sum(torch.mul(flat, CONSTANTS.c1), [1, 2], False, dtype=None)
                training = self.training
                if training:
                  sums0 = torch.dropout(sums, 0.10000000000000001, True)
                else:
                  sums0 = sums
                return torch.mul(torch.mul(sums0, CONSTANTS.c0), scale)
              def half(self: __torch__.Net,
                h: Tensor) -> Tensor:
                h3 = torch.to(h, ops.prim.dtype(h), False, False, None)
                return torch.div(h3, float(2), rounding_mode=None)

            """,
        ["__torch__/torch/nn/functional"] = """
            def group_norm(input: Tensor,
                num_groups: int,
                weight: Optional[Tensor]=None,
                bias: Optional[Tensor]=None,
                eps: float=1.0000000000000001e-05) -> Tensor:
              if torch.__isnot__(weight, None):
                weight0 = unchecked_cast(Tensor, weight)
                _0 = torch.group_norm(input, num_groups, weight0, bias, eps, True)
              else:
                torch.warn("no weight", 2)
                _0 = torch.group_norm(input, num_groups, None, bias, eps, True)
              return _0
            """,
        ["__torch__/torch/nn/modules/container"] = """
            class Sequential(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              __annotations__["0"] = __torch__.torch.nn.modules.conv.Conv2d
              __annotations__["1"] = __torch__.torch.nn.modules.activation.SiLU
              def forward(self: __torch__.torch.nn.modules.container.Sequential,
                input: Tensor) -> Tensor:
                _0 = getattr(self, "0")
                _1 = getattr(self, "1")
                input0 = (_0).forward(input, )
                return (_1).forward(input0, )
            """,
        ["__torch__/torch/nn/modules/conv"] = """
            class Conv2d(Module):
              __parameters__ = ["weight", "bias", ]
              __buffers__ = []
              weight : Tensor
              bias : Optional[Tensor]
              training : bool
              _is_full_backward_hook : Optional[bool]
              _reversed_padding_repeated_twice : List[int]
              padding_mode : Final[str] = "zeros"
              stride : Final[Tuple[int, int]] = (1, 1)
              def forward(self: __torch__.torch.nn.modules.conv.Conv2d,
                input: Tensor) -> Tensor:
                weight = self.weight
                bias = self.bias
                return torch.conv2d(input, weight, bias, [1, 1], [1, 1], [1, 1], 1)
            """,
        ["__torch__/torch/nn/modules/activation"] = """
            class SiLU(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              inplace : Final[bool] = False
              def forward(self: __torch__.torch.nn.modules.activation.SiLU,
                input: Tensor) -> Tensor:
                return torch.silu(input)
            """,
    };
}
