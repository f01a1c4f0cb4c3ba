using System.Text;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Ways out of a network: each is refused by name before libtorch sees the file.</summary>
[TestClass]
public sealed class TorchScriptEscapeTests
{
    [TestMethod]
    [DataRow("torch.save(x0, \"out.pt\")", "aten::save")]
    [DataRow("y = torch.from_file(\"/etc/passwd\", False, 100)", "aten::from_file")]
    [DataRow("y = torch.load(\"out.pt\")", "aten::load")]
    [DataRow("y = torch._load_for_lite_interpreter(\"out.pt\")", "aten::_load_for_lite_interpreter")]
    [DataRow("print(x0)", "'print' is no variable")]
    [DataRow("ops.prim.Print(x0)", "prim::Print")]
    [DataRow("y = torch.set_(x0, self.w)", "aten::set_")]
    [DataRow("y = torch.set_data(x0, self.w)", "aten::set_data")]
    [DataRow("y = torch.resize_(x0, [1000])", "aten::resize_")]
    [DataRow("y = torch.as_strided(x0, [1000], [1], 0)", "aten::as_strided")]
    [DataRow("y = torch.empty([1000])", "aten::empty")]
    [DataRow("y = torch.empty_like(x0)", "aten::empty_like")]
    [DataRow("y = torch.randn_like(x0)", "aten::randn_like")]
    [DataRow("torch.manual_seed(1)", "aten::manual_seed")]
    [DataRow("y = torch.record_stream(x0, x0)", "aten::record_stream")]
    [DataRow("y = torch.to_sparse(x0)", "aten::to_sparse")]
    [DataRow("y = torch.lstm_cell(x0, [x0, x0], x0, x0)", "aten::lstm_cell")]
    [DataRow("y = torch._cuda_getCurrentStream(0)", "aten::_cuda_getCurrentStream")]
    [DataRow("y = torch.no_such_operator(x0)", "aten::no_such_operator")]
    [DataRow("y = torch.autograd.grad([x0], [x0])", "aten::autograd.grad")]
    [DataRow("y = torch.jit.load(\"out.pt\")", "aten::jit.load")]
    [DataRow("y = torch.classes.quantized.Conv2dPackedParamsBase(x0)", "aten::classes.quantized")]
    [DataRow("y = ops.aten.save(x0, \"out.pt\")", "aten::save")]
    [DataRow("y = ops.quantized.add(x0, x0, 1.0, 0)", "quantized::add")]
    [DataRow("y = ops.torchvision.nms(x0, x0, 0.5)", "torchvision::nms")]
    [DataRow("y = ops.c10d.barrier(x0)", "c10d::barrier")]
    [DataRow("y = ops.prims.collect(x0)", "prims::collect")]
    [DataRow("y = ops.mkldnn._linear_pointwise(x0, x0, x0, \"none\", [], \"\")", "mkldnn::_linear_pointwise")]
    [DataRow("y = fork(x0)", "'fork' is no variable")]
    [DataRow("y = rpc_sync(\"worker\", x0)", "'rpc_sync' is no variable")]
    [DataRow("y = x0.save(\"out.pt\")", "'.save' is called of a value")]
    [DataRow("y = x0.grad", "'.grad' is asked of a value")]
    [DataRow("y = getattr(x0, \"grad\")", "'.grad' is asked of a value")]
    [DataRow("y = getattr(self, \"forward\")", "has no 'forward'")]
    [DataRow("y = self.save", "has no 'save'")]
    [DataRow("self.w = x0", "self.w is set")]
    [DataRow("x0[0] = self.w", "is set; only variables are")]
    [DataRow("torch = self", "'torch' is no name for a variable")]
    [DataRow("t = torch", "'torch' is no variable")]
    [DataRow("s = torch.save", "torch.save is used as a value")]
    [DataRow("y = torch.add(x0, x0, out=x0)", "is given 'out'")]
    [DataRow("y = torch.max(x0, 1, max=x0, max_values=x0)", "is given 'max'")]
    [DataRow("y = torch.zeros([2], layout=1)", "layout=1")]
    [DataRow("y = torch.zeros([2], pin_memory=True)", "pin_memory=True")]
    [DataRow("y = unchecked_cast(__torch__.Net, x0)", "unchecked_cast to __torch__.Net")]
    [DataRow("y = unchecked_cast(Tuple[int, int, int], x0)", "unchecked_cast to Tuple[int, int, int]")]
    [DataRow("y = annotate(Any, x0)", "the type Any")]
    [DataRow("y = annotate(Future[Tensor], x0)", "the type Future")]
    [DataRow("y = __torch__.Net(x0)", "no function of the file")]
    [DataRow("y = __torch__.torch.classes._nnapi.Compilation()", "no function of the file")]
    [DataRow("y = CONSTANTS.c0", "has 0 constants")]
    [DataRow("y = CONSTANTS.c99999999999", "has 0 constants")]
    [DataRow("y = self.forward(x0)", "called by itself")]
    [DataRow("y = x0", "y = self", "'y' is a value and __torch__.Net")]
    [DataRow("y = [self]", "expected a value, got __torch__.Net")]
    [DataRow("y = (lambda: x0)()", "got 'lambda'")]
    [DataRow("y = [a for a in x0]", "got 'for'")]
    [DataRow("with x0:", "  pass", "got 'with'")]
    [DataRow("raise x0", "got 'raise'")]
    [DataRow("import os", "got 'import'")]
    [DataRow("def inner(x: Tensor) -> Tensor:", "  return x", "got 'def'")]
    [DataRow("y = x0 + x0", "the character '+'")]
    [DataRow("y = \"\\x41\"", "an escape that torch.jit.save does not write")]
    [DataRow("y = 9223372036854775808", "no whole or real number of 64 bits")]
    [DataRow("y = 1e999", "no whole or real number of 64 bits")]
    [DataRow("y = 0x10", "no whole or real number")]
    [DataRow("y = \u00e9", "U+00C3")]
    public void Read_CodeThatDoesMoreThanCompute_IsRefusedByName(params string[] linesAndWords)
    {
        string[] lines = [.. linesAndWords[..^1], "return torch.sum(x0, [1, 2, 3])"];
        string message = Refused(new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x0: Tensor", lines));
        Assert.Contains(linesAndWords[^1], message);
        Assert.Contains("code/__torch__.py, line ", message);
    }

    [TestMethod]
    [DataRow("class Net(NamedTuple):\n  a : Tensor\n", "class Net is a NamedTuple")]
    [DataRow("class Net(Interface):\n  pass\n", "class Net is a Interface")]
    [DataRow("class Net:\n  a : Tensor\n", "class Net is no Module")]
    [DataRow("class Net(Module):\n  __forward_hooks__ = [\"hook\", ]\n", "__forward_hooks__ are not permitted")]
    [DataRow("class Net(Module):\n  training : bool\n  def __setstate__(self: __torch__.Net, state: Tensor) -> NoneType:\n    pass\n", "'__setstate__' is not permitted")]
    [DataRow("class Net(Module):\n  training : Tensor\n", "'training' is of the type Tensor")]
    [DataRow("class Net(Module):\n  w : __torch__.Other\n", "of which the file has no class")]
    [DataRow("class Net(Module):\n  training : bool\n  training : bool\n", "'training' is there twice")]
    [DataRow("class Net(Module):\n  training : bool\nclass Net(Module):\n  training : bool\n", "__torch__.Net is there twice")]
    [DataRow("class Net(Module):\n  training : bool\n  def forward(self: Tensor) -> Tensor:\n    return self\n", "is not of its class")]
    [DataRow("x = 1\n", "expected a class or a function")]
    public void Read_OtherDeclarations_AreRefused(string code, string words)
        => Assert.Contains(words, Refused(ScriptZip.Pack(ScriptZip.Entries(new ScriptObject("__torch__.Net", ("training", true)), new Dictionary<string, string> { ["__torch__"] = code }))));

    [TestMethod]
    public void Read_CodeThatGrowsWhenCallsAreWrittenInPlace_IsRefused()
    {
        var code = new StringBuilder("class Net(Module):\n  training : bool\n  def f0(self: __torch__.Net, x: Tensor) -> Tensor:\n    return torch.neg(x)\n");
        for (int i = 1; i <= 40; i++)
            code.Append($"  def f{i}(self: __torch__.Net, x: Tensor) -> Tensor:\n    return (self).f{i - 1}((self).f{i - 1}(x, ), )\n");
        Assert.Contains("grows to more than", Refused(WithCode(code.ToString())));
        string deep = new string('(', 5000) + "x" + new string(')', 5000);
        Assert.Contains("nested more than", Refused(WithCode($"class Net(Module):\n  training : bool\n  def forward(self: __torch__.Net, x: Tensor) -> Tensor:\n    return {deep}\n")));
    }

    [TestMethod]
    public void Run_WithoutTheCheck_WritesTheFile_SoTheCheckIsNeeded()
    {
        // In the interpreter of libtorch the operator exists, and does what it says.
        var folder = Directory.CreateTempSubdirectory("script-unchecked-");
        try
        {
            string file = Path.Combine(folder.FullName, "net.pt"), written = Path.Combine(folder.FullName, "written.pt");
            File.WriteAllBytes(file, new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x0: Tensor", $"torch.save(x0, \"{written}\")", "return torch.sum(x0, [1, 2, 3])"));
            Assert.StartsWith("refused: ", ScriptProbeProgram.Run(folder.FullName, "run", file).Lines.Single());
            Assert.IsFalse(File.Exists(written));
            Assert.StartsWith("ran: ", ScriptProbeProgram.Run(folder.FullName, "unchecked", file).Lines.Single());
            Assert.IsTrue(File.Exists(written));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Read_ModelJson_NeedsConsentThatEndsWithItsScope()
    {
        string json = ModelJson.Write<Network>(new TorchScriptNetwork(new TorchScriptArchive().Add("w", [0.5f], [1]).Write("x: Tensor, level: Tensor", "return x")));
        Assert.Contains(TorchScriptConsent.ModelsSwitch, Assert.ThrowsExactly<TorchScriptConsentException>(() => ModelJson.Read<Network>(json)).Message);
        using (TorchScriptConsent.AllowInModels())
            Assert.IsInstanceOfType<TorchScriptNetwork>(ModelJson.Read<Network>(json));
        Assert.ThrowsExactly<TorchScriptConsentException>(() => ModelJson.Read<Network>(json));
    }

    private static byte[] WithCode(string code) => ScriptZip.Pack(ScriptZip.Entries(new ScriptObject("__torch__.Net", ("training", true)), new Dictionary<string, string> { ["__torch__"] = code }));

    private static string Refused(byte[] file) => Assert.ThrowsExactly<ArgumentException>(() => new TorchScriptNetwork(file)).Message;
}
